package io.github.jdropout.backend.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jdropout.backend.nativeaccess.DowncallFailures;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * What the library says of itself.
 *
 * @param isa the instruction set it uses, as {@code jdropout_isa} names it
 * @param features one line for people
 * @param streamingBytes output size from which it writes past the cache
 */
record LibraryInfo(String isa, String features, long streamingBytes) {
  /** The version of the C ABI that this package was written for. */
  static final int ABI_VERSION = 2;

  private static final FunctionDescriptor INT = FunctionDescriptor.of(JAVA_INT);
  private static final FunctionDescriptor LONG = FunctionDescriptor.of(JAVA_LONG);
  private static final FunctionDescriptor TEXT = FunctionDescriptor.of(ADDRESS);

  /**
   * Asks the library.
   *
   * @throws LibraryException if it is not libjdropout, or has another ABI version
   */
  static LibraryInfo ask(Linkage linkage) throws LibraryException {
    MethodHandle abiVersion = linkage.link("jdropout_abi_version", INT, false);
    MethodHandle isa = linkage.link("jdropout_isa", TEXT, false);
    MethodHandle features = linkage.link("jdropout_features", TEXT, false);
    MethodHandle streamingBytes = linkage.link("jdropout_streaming_bytes", LONG, false);
    int version;
    try {
      version = (int) abiVersion.invokeExact();
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
    if (version != ABI_VERSION) {
      throw new LibraryException(
          "the native library's ABI version must be " + ABI_VERSION + " but is " + version);
    }
    try {
      return new LibraryInfo(
          text((MemorySegment) isa.invokeExact()),
          text((MemorySegment) features.invokeExact()),
          (long) streamingBytes.invokeExact());
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  /** Returns the handle of {@code jdropout_last_error}. */
  static MethodHandle linkLastError(Linkage linkage) throws LibraryException {
    return linkage.link("jdropout_last_error", TEXT, false);
  }

  /** Returns the text at an address that the library has returned. */
  @SuppressWarnings("restricted") // The documented way to read a C string.
  static String text(MemorySegment address) {
    // The library's texts end in a zero byte; this is an upper bound for a damaged one.
    return address.reinterpret(4096).getString(0);
  }
}
