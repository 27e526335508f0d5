package io.github.jdropout.gemm.cublas.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jdropout.backend.cuda.driver.BindingException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Makes method handles of cuBLAS's functions.
 *
 * <p>None is linked as critical: a call may block, and the garbage collector would wait for it.
 *
 * @param symbols the library's
 */
record CublasLinkage(SymbolLookup symbols) {
  /**
   * Returns a handle of a function that returns a status.
   *
   * @throws BindingException if the library lacks it
   */
  MethodHandle link(String symbol, MemoryLayout... parameters) throws BindingException {
    return find(symbol, parameters)
        .orElseThrow(() -> new BindingException("cuBLAS has no function " + symbol));
  }

  /** Returns the same if there is such a function. */
  @SuppressWarnings("restricted") // The tests call each through JCublas as well.
  Optional<MethodHandle> find(String symbol, MemoryLayout... parameters) {
    return symbols
        .find(symbol)
        .map(address ->
            Linker.nativeLinker()
                .downcallHandle(address, FunctionDescriptor.of(JAVA_INT, parameters)));
  }
}
