package io.github.jdropout.backend.cuda.ffm;

import static io.github.jdropout.backend.cuda.driver.CudaConstants.CUDA_SUCCESS;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_EVENT_DEFAULT;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
import static io.github.jdropout.backend.cuda.driver.CudaConstants.CU_STREAM_NON_BLOCKING;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.backend.cuda.driver.CudaDriver;
import io.github.jdropout.backend.cuda.driver.KernelArguments;
import io.github.jdropout.backend.cuda.driver.LoadOptions;
import io.github.jdropout.backend.cuda.driver.PointerInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The CUDA driver through {@code java.lang.foreign}. */
public abstract class FfmCudaDriver implements CudaDriver {
  private static final int NAME_BYTES = 256;

  FfmCudaDriver() {}

  /** The driver's library, loaded at most once; its fields are constants for the compiler. */
  private static final class Library {
    static final DriverFunctions FUNCTIONS;
    static final String ORIGIN;

    /** Why there is none; null if there is. */
    static final String OBSTACLE;

    static {
      DriverFunctions functions = null;
      String origin = null;
      String obstacle = null;
      try {
        DriverLibrary library = DriverLibrary.open();
        functions = DriverFunctions.link(DriverLinkage.of(library.symbols()));
        origin = library.origin();
      } catch (BindingException e) {
        obstacle = e.getMessage();
      } catch (LinkageError | RuntimeException e) {
        obstacle = new BindingException("the CUDA driver cannot be bound", e).getMessage();
      }
      FUNCTIONS = functions;
      ORIGIN = origin;
      OBSTACLE = obstacle;
    }
  }

  private static final class LoadedDriver extends FfmCudaDriver {
    @Override
    DriverFunctions functions() {
      return Library.FUNCTIONS;
    }

    @Override
    public String description() {
      return Library.ORIGIN + " through java.lang.foreign";
    }
  }

  /**
   * Loads the driver's library, once.
   *
   * @throws BindingException if there is none, it lacks a function, or native access is denied
   */
  public static CudaDriver load() throws BindingException {
    if (Library.OBSTACLE != null) {
      throw new BindingException(Library.OBSTACLE);
    }
    return new LoadedDriver();
  }

  /** Returns the functions; a constant, so that the JVM compiles calls to them directly. */
  abstract DriverFunctions functions();

  @Override
  public final int init() {
    return Downcalls.call(functions().devices().init(), 0);
  }

  @Override
  public final int version(int[] version) {
    return readInt(functions().devices().version(), version);
  }

  @Override
  public final int deviceCount(int[] count) {
    return readInt(functions().devices().count(), count);
  }

  @Override
  public final int deviceName(int ordinal, String[] name) {
    int[] device = new int[1];
    int status = device(ordinal, device);
    if (status != CUDA_SUCCESS) {
      return status;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(NAME_BYTES);
      status = Downcalls.call(functions().devices().name(), text, NAME_BYTES, device[0]);
      if (status == CUDA_SUCCESS) {
        name[0] = text.getString(0);
      }
      return status;
    }
  }

  @Override
  public final int deviceAttribute(int ordinal, int attribute, int[] value) {
    int[] device = new int[1];
    int status = device(ordinal, device);
    if (status != CUDA_SUCCESS) {
      return status;
    }
    MemorySegment out = Scratch.value();
    status = Downcalls.call(functions().devices().attribute(), out, attribute, device[0]);
    return storeInt(status, out, value);
  }

  @Override
  public final int deviceMemory(int ordinal, long[] bytes) {
    int[] device = new int[1];
    int status = device(ordinal, device);
    if (status != CUDA_SUCCESS) {
      return status;
    }
    MemorySegment out = Scratch.value();
    status = Downcalls.call(functions().devices().memory(), out, device[0]);
    return storeLong(status, out, bytes);
  }

  @Override
  public final int retainPrimaryContext(int ordinal, long[] context) {
    int[] device = new int[1];
    int status = device(ordinal, device);
    if (status != CUDA_SUCCESS) {
      return status;
    }
    MemorySegment out = Scratch.value();
    status = Downcalls.call(functions().contexts().retainPrimary(), out, device[0]);
    return storeLong(status, out, context);
  }

  @Override
  public final int releasePrimaryContext(int ordinal) {
    int[] device = new int[1];
    int status = device(ordinal, device);
    return status == CUDA_SUCCESS
        ? Downcalls.call(functions().contexts().releasePrimary(), device[0])
        : status;
  }

  /** {@code cuDeviceGet}. */
  private int device(int ordinal, int[] device) {
    MemorySegment out = Scratch.value();
    return storeInt(Downcalls.call(functions().devices().get(), out, ordinal), out, device);
  }

  @Override
  public final int pushContext(long context) {
    return Downcalls.call(functions().contexts().push(), context);
  }

  @Override
  public final int popContext() {
    return Downcalls.call(functions().contexts().pop(), Scratch.value());
  }

  @Override
  public final int currentContext(long[] context) {
    return readLong(functions().contexts().current(), context);
  }

  @Override
  public final int currentContextId(long[] id) {
    MemorySegment out = Scratch.value();
    return storeLong(Downcalls.call(functions().contexts().id(), 0L, out), out, id);
  }

  @Override
  public final int currentDevice(int[] ordinal) {
    return readInt(functions().contexts().device(), ordinal);
  }

  @Override
  public final int loadModule(MemorySegment image, long[] module, String[] log) {
    try (Arena arena = Arena.ofConfined()) {
      LoadOptions options = new LoadOptions(arena);
      MemorySegment out = Scratch.value();
      int status =
          Downcalls.load(
              functions().modules().load(),
              out,
              image,
              LoadOptions.COUNT,
              options.keys(),
              options.values());
      log[0] = options.log();
      return storeLong(status, out, module);
    }
  }

  @Override
  public final int unloadModule(long module) {
    return Downcalls.call(functions().modules().unload(), module);
  }

  @Override
  public final int function(long module, String name, long[] function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(name);
      MemorySegment out = Scratch.value();
      int status = Downcalls.call(functions().modules().function(), out, module, text);
      return storeLong(status, out, function);
    }
  }

  @Override
  public final int allocate(long bytes, long[] pointer) {
    MemorySegment out = Scratch.value();
    return storeLong(Downcalls.call(functions().memory().allocate(), out, bytes), out, pointer);
  }

  @Override
  public final int free(long pointer) {
    return Downcalls.call(functions().memory().free(), pointer);
  }

  @Override
  public final int allocatePinned(long bytes, long[] address) {
    MemorySegment out = Scratch.value();
    int status = Downcalls.call(functions().memory().allocatePinned(), out, bytes);
    return storeLong(status, out, address);
  }

  @Override
  public final int freePinned(long address) {
    return Downcalls.call(functions().memory().freePinned(), address);
  }

  @Override
  public final int copyToDevice(long devicePointer, long hostAddress, long bytes, long stream) {
    return Downcalls.call(
        functions().memory().toDevice(), devicePointer, hostAddress, bytes, stream);
  }

  @Override
  public final int copyToHost(long hostAddress, long devicePointer, long bytes, long stream) {
    return Downcalls.call(functions().memory().toHost(), hostAddress, devicePointer, bytes, stream);
  }

  @Override
  public final int copyOnDevice(long target, long source, long bytes, long stream) {
    return Downcalls.call(functions().memory().onDevice(), target, source, bytes, stream);
  }

  @Override
  public final int fill(long pointer, byte value, long bytes, long stream) {
    return Downcalls.call(
        functions().memory().fill(), pointer, Byte.toUnsignedInt(value), bytes, stream);
  }

  @Override
  public final int pointerInfo(long pointer, long[] info) {
    PointerInfo arguments = PointerInfo.ofThread();
    int status =
        Downcalls.call(
            functions().memory().attributes(),
            PointerInfo.COUNT,
            arguments.attributes(),
            arguments.pointers(),
            pointer);
    if (status == CUDA_SUCCESS) {
      arguments.copyTo(info);
    }
    return status;
  }

  @Override
  public final int createStream(long[] stream) {
    MemorySegment out = Scratch.value();
    int status = Downcalls.call(functions().streams().create(), out, CU_STREAM_NON_BLOCKING);
    return storeLong(status, out, stream);
  }

  @Override
  public final int destroyStream(long stream) {
    return Downcalls.call(functions().streams().destroy(), stream);
  }

  @Override
  public final int synchronizeStream(long stream) {
    return Downcalls.call(functions().streams().synchronize(), stream);
  }

  @Override
  public final int awaitEvent(long stream, long event) {
    return Downcalls.call(functions().streams().awaitEvent(), stream, event, 0);
  }

  @Override
  public final int createEvent(long[] event) {
    MemorySegment out = Scratch.value();
    int status = Downcalls.call(functions().streams().createEvent(), out, CU_EVENT_DEFAULT);
    return storeLong(status, out, event);
  }

  @Override
  public final int destroyEvent(long event) {
    return Downcalls.call(functions().streams().destroyEvent(), event);
  }

  @Override
  public final int recordEvent(long event, long stream) {
    return Downcalls.call(functions().streams().recordEvent(), event, stream);
  }

  @Override
  public final int synchronizeEvent(long event) {
    return Downcalls.call(functions().streams().synchronizeEvent(), event);
  }

  @Override
  public final int elapsedTime(long start, long end, float[] milliseconds) {
    MemorySegment out = Scratch.value();
    int status = Downcalls.call(functions().streams().elapsedTime(), out, start, end);
    if (status == CUDA_SUCCESS) {
      milliseconds[0] = out.get(JAVA_FLOAT, 0);
    }
    return status;
  }

  @Override
  public final int launch(
      long function, int blocks, int threads, long stream, KernelArguments arguments) {
    return Downcalls.launch(
        functions().modules().launch(), function, blocks, threads, stream, arguments.pointers());
  }

  @Override
  public final int beginCapture(long stream) {
    return Downcalls.call(
        functions().graphs().beginCapture(), stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  }

  @Override
  public final int endCapture(long stream, long[] graph) {
    MemorySegment out = Scratch.value();
    return storeLong(Downcalls.call(functions().graphs().endCapture(), stream, out), out, graph);
  }

  @Override
  public final int instantiateGraph(long graph, long[] executable) {
    MemorySegment out = Scratch.value();
    int status = Downcalls.call(functions().graphs().instantiate(), out, graph, 0L);
    return storeLong(status, out, executable);
  }

  @Override
  public final int launchGraph(long executable, long stream) {
    return Downcalls.call(functions().graphs().launch(), executable, stream);
  }

  @Override
  public final int destroyExecutable(long executable) {
    return Downcalls.call(functions().graphs().destroyExecutable(), executable);
  }

  @Override
  public final int destroyGraph(long graph) {
    return Downcalls.call(functions().graphs().destroy(), graph);
  }

  @Override
  public final String errorName(int status) {
    return text(functions().devices().errorName(), status, "unknown status");
  }

  @Override
  public final String errorText(int status) {
    return text(functions().devices().errorText(), status, "");
  }

  @SuppressWarnings("restricted") // The documented way to read a C string.
  private static String text(MethodHandle function, int status, String otherwise) {
    MemorySegment out = Scratch.value();
    if (Downcalls.call(function, status, out) != CUDA_SUCCESS) {
      return otherwise;
    }
    MemorySegment text = out.get(ADDRESS, 0);
    // The driver's texts end in a zero byte; this is an upper bound for a damaged one.
    return text.address() == 0 ? otherwise : text.reinterpret(4096).getString(0);
  }

  private static int readInt(MethodHandle function, int[] result) {
    MemorySegment out = Scratch.value();
    return storeInt(Downcalls.call(function, out), out, result);
  }

  private static int readLong(MethodHandle function, long[] result) {
    MemorySegment out = Scratch.value();
    return storeLong(Downcalls.call(function, out), out, result);
  }

  private static int storeInt(int status, MemorySegment out, int[] result) {
    if (status == CUDA_SUCCESS) {
      result[0] = out.get(JAVA_INT, 0);
    }
    return status;
  }

  private static int storeLong(int status, MemorySegment out, long[] result) {
    if (status == CUDA_SUCCESS) {
      result[0] = out.get(JAVA_LONG, 0);
    }
    return status;
  }
}
