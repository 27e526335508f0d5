package io.github.jdropout.backend.cuda.ffm;

import static io.github.jdropout.backend.cuda.driver.CudaConstants.CUDA_ERROR_NOT_SUPPORTED;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jdropout.backend.cuda.driver.BindingException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Optional;

/**
 * Makes method handles of the driver's functions; a test's implementation needs no driver.
 *
 * <p>None is linked as critical: a call may block, and the garbage collector would wait for it.
 */
@FunctionalInterface
interface DriverLinkage {
  /** Returns a handle of the descriptor's type, if there is such a function. */
  Optional<MethodHandle> find(String symbol, FunctionDescriptor descriptor);

  /**
   * Returns a handle of a function that returns a status.
   *
   * @throws BindingException if the library lacks it
   */
  default MethodHandle link(String symbol, MemoryLayout... parameters) throws BindingException {
    return find(symbol, FunctionDescriptor.of(JAVA_INT, parameters))
        .orElseThrow(() -> new BindingException("the CUDA driver has no function " + symbol));
  }

  /** Returns the same, or for a function that is missing one that returns "not supported". */
  default MethodHandle linkOptional(String symbol, MemoryLayout... parameters) {
    FunctionDescriptor descriptor = FunctionDescriptor.of(JAVA_INT, parameters);
    return find(symbol, descriptor)
        .orElseGet(() ->
            MethodHandles.dropArguments(
                MethodHandles.constant(int.class, CUDA_ERROR_NOT_SUPPORTED),
                0,
                descriptor.toMethodType().parameterList()));
  }

  /** Returns the linkage to a library's functions. */
  @SuppressWarnings("restricted") // The descriptors are tested against prototypes in C.
  static DriverLinkage of(SymbolLookup symbols) {
    return (symbol, descriptor) ->
        symbols
            .find(symbol)
            .map(address -> Linker.nativeLinker().downcallHandle(address, descriptor));
  }
}
