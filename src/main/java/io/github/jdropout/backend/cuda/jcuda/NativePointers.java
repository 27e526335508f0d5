package io.github.jdropout.backend.cuda.jcuda;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jcuda.NativePointerObject;

/**
 * The raw value in each of JCuda's objects for handles and pointers.
 *
 * <p>JCuda has no public way to read it, nor any to make a {@code CUfunction} or {@code CUcontext}
 * of one: their constructors take nothing. The field itself is private, but JCuda is no named
 * module and so open to this; and a handle of it costs as little as the field.
 */
public final class NativePointers {
  private static final VarHandle VALUE = find();

  private NativePointers() {}

  private static VarHandle find() {
    try {
      return MethodHandles.privateLookupIn(NativePointerObject.class, MethodHandles.lookup())
          .findVarHandle(NativePointerObject.class, "nativePointer", long.class);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("this version of JCuda is unknown: " + e, e);
    }
  }

  /** Returns the value. */
  public static long get(NativePointerObject object) {
    return (long) VALUE.get(object);
  }

  /** Gives the value to an object and returns that. */
  public static <T extends NativePointerObject> T set(T object, long value) {
    VALUE.set((NativePointerObject) object, value);
    return object;
  }
}
