package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The driver's functions that the library does not call but its users do, and those that only the
 * driver of the host has: failures to order, and what is left.
 */
public final class RawDriver {
  private static final String FILE = System.getProperty("jdropout.cuda.library");

  /** The library under test has loaded the same one. */
  private static final SymbolLookup LIBRARY = lookup();

  private RawDriver() {}

  @SuppressWarnings("restricted") // The tests are started with native access.
  private static SymbolLookup lookup() {
    return FILE == null
        ? SymbolLookup.libraryLookup("libcuda.so.1", Arena.global())
        : SymbolLookup.libraryLookup(Path.of(FILE).toAbsolutePath(), Arena.global());
  }

  /** Calls a function that returns a status. */
  public static int call(String function, Object... arguments) {
    MemoryLayout[] layouts =
        Arrays.stream(arguments)
            .map(argument ->
                switch (argument) {
                  case Integer _ -> ValueLayout.JAVA_INT;
                  case Long _ -> ValueLayout.JAVA_LONG;
                  case MemorySegment _ -> ValueLayout.ADDRESS;
                  default -> throw new IllegalArgumentException(String.valueOf(argument));
                })
            .toArray(MemoryLayout[]::new);
    Object result =
        invoke(function, FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts), arguments);
    return (int) result;
  }

  @SuppressWarnings("restricted") // The tests are started with native access.
  private static Object invoke(
      String function, FunctionDescriptor descriptor, Object... arguments) {
    try {
      return Linker.nativeLinker()
          .downcallHandle(LIBRARY.findOrThrow(function), descriptor)
          .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(function, e);
    }
  }

  /** Creates a context, which is current then, as a user's own code does. */
  public static long createContext(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment context = arena.allocate(ValueLayout.JAVA_LONG);
      assertEquals(0, call("cuCtxCreate_v2", context, 0, device));
      return context.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** Destroys a context; if it is current, the one before is so then. */
  public static void destroyContext(long context) {
    assertEquals(0, call("cuCtxDestroy_v2", context));
  }

  /** Returns the free bytes of a device. */
  static long freeMemory(CudaDevice device) {
    CudaContext context = CudaSupport.cuda().primary(device);
    context.push();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(ValueLayout.JAVA_LONG, 2);
      assertEquals(0, call("cuMemGetInfo_v2", bytes, bytes.asSlice(Long.BYTES)));
      return bytes.get(ValueLayout.JAVA_LONG, 0);
    } finally {
      context.pop();
    }
  }

  /** Aborts the calling test where the driver is a real one. */
  public static void assumeOnHost() {
    assumeTrue(
        LIBRARY.find("kernels_on_host_fail").isPresent(),
        "needs the driver that runs kernels on the host, and this is a real one");
  }

  /** Makes the n-th call of a function from now on return a status. */
  public static void fail(String function, int n, int status) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment order = arena.allocateFrom(function + ":" + n + ":" + status);
      invoke("kernels_on_host_fail", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS), order);
    }
  }

  /** Takes back a failure that has been ordered and has not happened. */
  public static void drain(String function, int status) {
    for (int i = 0; i < 1000; i++) {
      // It looks whether to fail before it looks for a context and at its arguments.
      if (call(function, 0L, 0L, 0L, 0L, 0L) == status) {
        return;
      }
    }
    throw new AssertionError("no failure of " + function + " is ordered");
  }

  /** Returns how many objects of a kind there are, or bytes of page-locked memory. */
  public static long count(String kind) {
    try (Arena arena = Arena.ofConfined()) {
      FunctionDescriptor descriptor =
          FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
      long count = (long) invoke("kernels_on_host_count", descriptor, arena.allocateFrom(kind));
      assertTrue(count >= 0, kind);
      return count;
    }
  }
}
