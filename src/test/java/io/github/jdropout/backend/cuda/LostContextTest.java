package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.testing.JavaProcess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A kernel that faults, in a JVM of its own: what is said then, and what still works. */
class LostContextTest {
  private static final MaskKey KEY = new MaskKey(1, 2);
  private static final String DEVICE = "device 0 (Kernels on host 0)";

  private static List<String> run(Class<?> main, String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--enable-native-access=ALL-UNNAMED");
    all.add("-Djdropout.cuda.library=" + HostDriver.library());
    JavaProcess.Result result = JavaProcess.run(main, all, Map.of("KERNELS_ON_HOST_DEVICES", "2"));
    assertEquals(0, result.status(), result.output());
    return result.output().lines().toList();
  }

  /** Lets a kernel write past an allocation, and prints what each call does then. */
  static final class Fault {
    public static void main(String[] args) {
      CudaDevice device = CudaSupport.devices().getFirst();
      CudaStream stream = CudaStream.create(device);
      DeviceKey key = DeviceKey.of(device, KEY);
      Floats cells = Floats.counting(device, 1000);
      CudaDropout dropout = CudaDropout.of(DropoutSpec.of(0.5));
      CudaGraph graph = stream.capture(() -> key.advance(1, stream.handle()));
      Dropout host = Dropout.on(DropoutSpec.of(0.5), CudaSupport.backend(device));
      float[] array = new float[100];
      host.forward(array, array, KEY);
      dropout.forward(cells.elements(), cells.elements(), KEY, 0, 0);
      cells.values();

      DeviceElements beyond = new DeviceElements(ElementType.F32, cells.address() + 8, 1000);
      try {
        dropout.forward(beyond, beyond, KEY, 0, stream.handle());
      } catch (IllegalArgumentException e) {
        System.out.println(e.getMessage());
        return;
      }
      Map<String, Runnable> calls = new LinkedHashMap<>();
      calls.put("synchronize", stream::synchronize);
      calls.put("again", stream::synchronize);
      DeviceElements x = cells.elements();
      calls.put("forward", () -> dropout.forward(x, x, KEY, 0, stream.handle()));
      calls.put("infer", () -> dropout.infer(x, x, 0));
      calls.put("prepare", () -> dropout.prepare(ElementType.F64));
      calls.put("host", () -> host.forward(array, array, KEY));
      calls.put("allocate", () -> DeviceBuffer.allocate(device, 16));
      calls.put("copy", cells::values);
      calls.put("create", () -> CudaStream.create(device));
      calls.put("capture", () -> stream.capture(() -> {}));
      calls.put("graph", () -> graph.launch(stream));
      calls.put("advance", () -> key.advance(1, 0));
      calls.put("get", key::get);
      calls.put("close graph", graph::close);
      calls.put("close key", key::close);
      calls.put("close buffer", cells::close);
      calls.put("close stream", stream::close);
      calls.forEach(Fault::print);
      print("second device", Fault::useSecondDevice);
      print("own context", Fault::useOwnContext);
    }

    private static void print(String name, Runnable call) {
      try {
        call.run();
        System.out.println(name + ": works");
      } catch (CudaException e) {
        System.out.println(
            name + ": " + e.isContextLost() + " " + e.status() + " " + e.getMessage());
      }
    }

    private static void useSecondDevice() {
      CudaDevice second = CudaSupport.devices().get(1);
      try (Floats cells = Floats.counting(second, 100)) {
        CudaDropout.of(DropoutSpec.of(0.5), second)
            .forward(cells.elements(), cells.elements(), KEY, 0, 0);
        check(cells.values());
      }
    }

    private static void check(float[] values) {
      if (!Arrays.equals(values, Floats.dropped(DropoutSpec.of(0.5), KEY, 100))) {
        throw new IllegalStateException("wrong values");
      }
    }

    private static void useOwnContext() {
      long context = RawDriver.createContext(0);
      CudaDropout.of(DropoutSpec.of(0.5)).prepare(ElementType.F32);
      RawDriver.destroyContext(context);
    }
  }

  @Test
  void faultIsToldOnceInFullAndThenShort() throws Exception {
    List<String> lines = run(Fault.class, "-Djdropout.cuda.checkPointers=false");
    String reason =
        "cuStreamSynchronize failed: CUDA_ERROR_ILLEGAL_ADDRESS (700): an illegal memory access was"
            + " encountered; so a context of "
            + DEVICE
            + " is lost, with all memory in it. The driver reports late: the cause is in one of the"
            + " launches that were not known to be done. This library's latest:"
            + " dropout_forward_f32 (1000 elements, stream 0x";
    assertEquals(19, lines.size(), lines.toString());
    String first = lines.getFirst();
    assertTrue(first.startsWith("synchronize: true 700 " + reason), first);
    // The host's own call, before the fault, ran on a stream of its own.
    assertTrue(first.contains("), dropout_forward_f32 (1000 elements, stream 0x0), "), first);
    assertTrue(first.contains(", dropout_forward_f32 (100 elements, stream 0x"), first);
    assertTrue(
        first.endsWith(", dropout_advance_stream (1 elements, " + streamOf(first) + ")."), first);
    for (String line : lines.subList(1, 17)) {
      String message = line.substring(line.indexOf(": ") + 2);
      assertTrue(
          message.startsWith("true 700 a context of " + DEVICE + " was lost before: " + reason),
          line);
    }
    assertEquals(List.of("second device: works", "own context: works"), lines.subList(17, 19));
  }

  private static String streamOf(String line) {
    int at = line.indexOf("stream 0x");
    return line.substring(at, line.indexOf(')', at));
  }

  /** With the check, the same is an error of an argument. */
  @Test
  void checkOfPointersPreventsTheFault() throws Exception {
    List<String> lines = run(Fault.class, "-Djdropout.cuda.checkPointers=yes");
    assertEquals(1, lines.size(), lines.toString());
    String line = lines.getFirst();
    assertTrue(line.startsWith("input has 4000 bytes from 0x"), line);
    assertTrue(line.endsWith(" on but the allocation has only 3992 there"), line);
  }

  /** Prints what the backend for host memory does when its context is lost in the middle. */
  static final class FaultOfHostCall {
    public static void main(String[] args) {
      CudaDevice device = CudaSupport.devices().getFirst();
      Dropout host = Dropout.on(DropoutSpec.of(0.5), CudaSupport.backend(device));
      float[] array = new float[100_000];
      RawDriver.fail("cuStreamSynchronize", 3, 719);
      for (int i = 0; i < 2; i++) {
        try {
          host.forward(array, array, KEY);
          System.out.println("works");
        } catch (CudaException e) {
          System.out.println(e.isContextLost() + " " + e.getMessage());
        }
      }
      System.out.println(RawDriver.count("pinned") + " " + RawDriver.count("streams"));
    }
  }

  @Test
  void hostCallThatLosesTheContextFreesWhatItCan() throws Exception {
    List<String> lines = run(FaultOfHostCall.class, "-Djdropout.cuda.stagingBytes=65536");
    String reason = "cuStreamSynchronize failed: CUDA_ERROR_LAUNCH_FAILED (719): ";
    assertTrue(lines.get(0).startsWith("true " + reason), lines.get(0));
    assertTrue(
        lines.get(1).startsWith("true a context of " + DEVICE + " was lost before: " + reason),
        lines.get(1));
    assertEquals("0 0", lines.get(2));
    assertEquals(3, lines.size());
  }
}
