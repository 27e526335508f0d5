package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jcuda.driver.JCudaDriver;

/** Calls a binding's methods and prints what they do; a program for a JVM of its own. */
final class BindingTranscript {
  private static final int BYTES = 64;

  private final CudaDriver driver;
  private final long[] out = new long[1];
  private final int[] number = new int[1];

  private BindingTranscript(CudaDriver driver) {
    this.driver = driver;
  }

  public static void main(String[] args) {
    CudaBindings.Probe probe = CudaBindings.select();
    CudaDriver driver = probe.driver().orElseThrow(() -> new IllegalStateException(probe.reason()));
    if (Boolean.getBoolean("jdropout.test.exceptions")) {
      JCudaDriver.setExceptionsEnabled(true);
    }
    new BindingTranscript(driver).print();
  }

  private static void line(String text, Object... values) {
    System.out.println(text + ": " + Arrays.deepToString(values));
  }

  private long value(int status) {
    if (status != 0) {
      throw new IllegalStateException(driver.errorName(status));
    }
    return out[0];
  }

  private void print() {
    line("errors", driver.errorName(1), driver.errorText(1).isEmpty(), driver.errorName(12345));
    line("version", driver.version(number), number[0]);
    line("devices", driver.deviceCount(number), number[0]);
    String[] name = new String[1];
    line("name", driver.deviceName(0, name), name[0]);
    line("name of none", driver.deviceName(99, name) != 0, name[0]);
    line("major", driver.deviceAttribute(0, 75, number), number[0]);
    line("memory", driver.deviceMemory(0, out), out[0] > 0);
    line("no context", driver.currentContext(out), out[0], driver.currentDevice(number));
    long context = value(driver.retainPrimaryContext(0, out));
    line("push", driver.pushContext(context));
    line("current", driver.currentContext(out), out[0] == context);
    line("id", driver.currentContextId(out), out[0] > 0);
    line("device", driver.currentDevice(number), number[0]);
    memory();
    modules();
    graphs();
    events();
    line("pop", driver.popContext(), driver.currentContext(out), out[0]);
    line("release", driver.releasePrimaryContext(0), driver.releasePrimaryContext(99) != 0);
  }

  @SuppressWarnings("restricted") // The driver has allocated as much.
  private void memory() {
    long stream = value(driver.createStream(out));
    long pinned = value(driver.allocatePinned(BYTES, out));
    long first = value(driver.allocate(BYTES, out));
    long second = value(driver.allocate(BYTES, out));
    MemorySegment host = MemorySegment.ofAddress(pinned).reinterpret(BYTES);
    for (int i = 0; i < BYTES; i++) {
      host.set(ValueLayout.JAVA_BYTE, i, (byte) i);
    }
    line("to device", driver.copyToDevice(first, pinned, BYTES, stream));
    line("on device", driver.copyOnDevice(second + 8, first, BYTES - 8, stream));
    line("fill", driver.fill(second, (byte) -3, 8, stream));
    line("to host", driver.copyToHost(pinned, second, BYTES, stream));
    line("synchronize", driver.synchronizeStream(stream));
    line("bytes", host.toArray(ValueLayout.JAVA_BYTE));
    long[] info = new long[6];
    line("info", driver.pointerInfo(first + 16, info), info[0], info[1], info[2] == first);
    line("size", info[3]);
    line("unknown", driver.pointerInfo(16, info), info[0]);
    line("too much", driver.allocate(1L << 60, out), out[0] == second);
    line("free", driver.free(first), driver.free(second), driver.freePinned(pinned));
    line("destroy", driver.destroyStream(stream));
  }

  private void modules() {
    try (Arena arena = Arena.ofConfined()) {
      String[] log = new String[1];
      MemorySegment image = arena.allocateFrom("no PTX");
      line("no module", driver.loadModule(image, out, log), log[0]);
      String ptx = ".version 7.8\n.target sm_75\n.address_size 64\n";
      int status = driver.loadModule(arena.allocateFrom(ptx), out, log);
      line("module", status, log[0]);
      long module = out[0];
      line("no function", driver.function(module, "none", out), out[0] == module);
      line("unload", driver.unloadModule(module));
    }
  }

  private void graphs() {
    long stream = value(driver.createStream(out));
    long pointer = value(driver.allocate(8, out));
    line("begin", driver.beginCapture(stream), driver.fill(pointer, (byte) 7, 8, stream));
    line("end", driver.endCapture(stream, out));
    long graph = out[0];
    line("instantiate", driver.instantiateGraph(graph, out));
    long executable = out[0];
    line("launch", driver.launchGraph(executable, stream), driver.synchronizeStream(stream));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(8);
      line("to host", driver.copyToHost(host.address(), pointer, 8, stream));
      line("bytes", driver.synchronizeStream(stream), host.toArray(ValueLayout.JAVA_BYTE));
    }
    line("destroy", driver.destroyExecutable(executable), driver.destroyGraph(graph));
    line("free", driver.free(pointer), driver.destroyStream(stream));
  }

  private void events() {
    long stream = value(driver.createStream(out));
    long start = value(driver.createEvent(out));
    long end = value(driver.createEvent(out));
    line("record", driver.recordEvent(start, stream), driver.recordEvent(end, stream));
    line("await", driver.awaitEvent(stream, end), driver.synchronizeEvent(end));
    float[] time = {-1};
    line("elapsed", driver.elapsedTime(start, end, time), time[0] >= 0);
    line("destroy", driver.destroyEvent(start), driver.destroyEvent(end));
    line("stream", driver.destroyStream(stream));
  }
}
