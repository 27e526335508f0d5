package io.github.jdropout.backend.ffm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** Makes method handles of native functions; a test's implementation needs no library. */
@FunctionalInterface
interface Linkage {
  /**
   * Returns a handle of the descriptor's type.
   *
   * @param isBrief whether the function returns within about a millisecond. Such a call leaves out
   *     the switch to native state, so that the garbage collector waits for it, and takes arrays as
   *     they are
   */
  MethodHandle link(String symbol, FunctionDescriptor descriptor, boolean isBrief)
      throws LibraryException;

  /** Returns the linkage to a library's functions. */
  @SuppressWarnings("restricted") // The descriptors are tested against the C header.
  static Linkage of(SymbolLookup symbols) {
    return (symbol, descriptor, isBrief) -> {
      MemorySegment address =
          symbols
              .find(symbol)
              .orElseThrow(
                  () -> new LibraryException("the native library has no function " + symbol));
      return isBrief
          ? Linker.nativeLinker().downcallHandle(address, descriptor, Linker.Option.critical(true))
          : Linker.nativeLinker().downcallHandle(address, descriptor);
    };
  }
}
