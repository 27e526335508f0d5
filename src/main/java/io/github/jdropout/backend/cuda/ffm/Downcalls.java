package io.github.jdropout.backend.cuda.ffm;

import io.github.jdropout.backend.nativeaccess.DowncallFailures;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Calls handles of each type that the driver's functions have.
 *
 * <p>The methods are so small that the JVM compiles them into their callers, where the handle is a
 * constant.
 */
final class Downcalls {
  private Downcalls() {}

  static int call(MethodHandle function, int a) {
    try {
      return (int) function.invokeExact(a);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, long a) {
    try {
      return (int) function.invokeExact(a);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, MemorySegment a) {
    try {
      return (int) function.invokeExact(a);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, int a, MemorySegment b) {
    try {
      return (int) function.invokeExact(a, b);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, long a, int b) {
    try {
      return (int) function.invokeExact(a, b);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, long a, long b) {
    try {
      return (int) function.invokeExact(a, b);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, long a, MemorySegment b) {
    try {
      return (int) function.invokeExact(a, b);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, MemorySegment a, int b) {
    try {
      return (int) function.invokeExact(a, b);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, MemorySegment a, long b) {
    try {
      return (int) function.invokeExact(a, b);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, long a, long b, int c) {
    try {
      return (int) function.invokeExact(a, b, c);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, MemorySegment a, int b, int c) {
    try {
      return (int) function.invokeExact(a, b, c);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, MemorySegment a, long b, long c) {
    try {
      return (int) function.invokeExact(a, b, c);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, MemorySegment a, long b, MemorySegment c) {
    try {
      return (int) function.invokeExact(a, b, c);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, long a, long b, long c, long d) {
    try {
      return (int) function.invokeExact(a, b, c, d);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, long a, int b, long c, long d) {
    try {
      return (int) function.invokeExact(a, b, c, d);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int call(MethodHandle function, int a, MemorySegment b, MemorySegment c, long d) {
    try {
      return (int) function.invokeExact(a, b, c, d);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  /** Launches blocks and threads in one dimension, with one array of parameters. */
  static int launch(
      MethodHandle launchKernel,
      long function,
      int blocks,
      int threads,
      long stream,
      MemorySegment parameters) {
    try {
      return (int)
          launchKernel.invokeExact(
              function, blocks, 1, 1, threads, 1, 1, 0, stream, parameters, MemorySegment.NULL);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  static int load(
      MethodHandle moduleLoadDataEx,
      MemorySegment module,
      MemorySegment image,
      int options,
      MemorySegment keys,
      MemorySegment values) {
    try {
      return (int) moduleLoadDataEx.invokeExact(module, image, options, keys, values);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }
}
