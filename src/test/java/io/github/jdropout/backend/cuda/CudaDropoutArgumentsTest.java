package io.github.jdropout.backend.cuda;

import static io.github.jdropout.testing.Messages.assertNullNamed;
import static io.github.jdropout.testing.Messages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMask;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.testing.Backends;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bad arguments for memory on a GPU: each is named, and nothing is written. */
class CudaDropoutArgumentsTest {
  private static final int COUNT = 600;
  private static final MaskKey KEY = new MaskKey(1, 2);
  private static final MaskShape SHAPE = MaskShape.sharing(new long[] {20, 30}, 0);

  private final List<AutoCloseable> open = new ArrayList<>();
  private CudaDevice device;
  private CudaDropout dropout;
  private DeviceKey deviceKey;
  private Floats in;
  private Floats out;
  private DeviceElements input;
  private DeviceElements output;

  @BeforeEach
  void allocate() {
    Backends.assumeAvailable(BackendId.CUDA);
    device = CudaSupport.devices().getFirst();
    dropout = CudaDropout.of(DropoutSpec.of(0.3).classical(), device);
    deviceKey = opened(DeviceKey.of(device, KEY));
    in = opened(Floats.counting(device, COUNT));
    out = opened(Floats.poisoned(device, COUNT));
    input = in.elements();
    output = out.elements();
  }

  @AfterEach
  void free() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  /** A call of an operation from an input to an output; the rest of its arguments is right. */
  @FunctionalInterface
  private interface Call {
    void run(DeviceElements input, DeviceElements output);
  }

  /** Operations whose arguments are called input and output. */
  private Map<String, Call> forwards() {
    DeviceMask mask = new DeviceMask(opened(Floats.counting(device, COUNT)).address(), COUNT);
    Map<String, Call> calls = new LinkedHashMap<>();
    calls.put("forward", (x, y) -> dropout.forward(x, y, KEY, 0, 0));
    calls.put("forward, device key", (x, y) -> dropout.forward(x, y, deviceKey, 0, 0));
    calls.put("shared", (x, y) -> dropout.forward(x, y, KEY, SHAPE, 0, 0));
    calls.put("shared, device key", (x, y) -> dropout.forward(x, y, deviceKey, SHAPE, 0, 0));
    calls.put("applyMask", (x, y) -> dropout.applyMask(mask, x, y, 0));
    calls.put("infer", (x, y) -> dropout.infer(x, y, 0));
    return calls;
  }

  private Map<String, Call> backwards() {
    Map<String, Call> calls = new LinkedHashMap<>();
    calls.put("backward", (x, y) -> dropout.backward(x, y, KEY, 0, 0));
    calls.put("backward, device key", (x, y) -> dropout.backward(x, y, deviceKey, 0, 0));
    calls.put("shared", (x, y) -> dropout.backward(x, y, KEY, SHAPE, 0, 0));
    calls.put("shared, device key", (x, y) -> dropout.backward(x, y, deviceKey, SHAPE, 0, 0));
    return calls;
  }

  /** Asserts that every operation refuses a pair, with IN and OUT for the arguments' names. */
  private void assertPairRefused(String message, DeviceElements x, DeviceElements y) {
    forwards()
        .forEach((name, call) ->
            assertPairRefused(name, message, "input", "output", () -> call.run(x, y)));
    backwards()
        .forEach((name, call) ->
            assertPairRefused(name, message, "gradOutput", "gradInput", () -> call.run(x, y)));
    assertNothingWritten();
  }

  private static void assertPairRefused(
      String name, String message, String inputName, String outputName, Runnable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run, name);
    assertEquals(message.replace("IN", inputName).replace("OUT", outputName), e.getMessage(), name);
  }

  private void assertNothingWritten() {
    assertTrue(out.isPoisoned());
    assertArrayEquals(Floats.counting(COUNT), in.values());
  }

  private static String hex(long address) {
    return "0x" + Long.toHexString(address);
  }

  @Test
  void typesMustBeTheSame() {
    assertPairRefused("OUT is f64 but IN is f32", input, out.elements(ElementType.F64));
    assertPairRefused("OUT is f16 but IN is bf16", bf16(), out.elements(ElementType.F16));
  }

  private DeviceElements bf16() {
    return in.elements(ElementType.BF16);
  }

  @Test
  void countsMustBeTheSame() {
    assertPairRefused("OUT has 599 elements but IN has 600", input, output.slice(1, COUNT - 1));
    DeviceMask mask = new DeviceMask(in.address(), COUNT + 1);
    assertRefused(
        "mask has 601 elements but input has 600", () -> dropout.applyMask(mask, input, output, 0));
    assertNothingWritten();
  }

  @Test
  void overlapIsRefusedUnlessItIsTheSamePlace() {
    DeviceElements first = output.slice(0, 400);
    assertPairRefused("OUT overlaps IN but is not the same place", first, output.slice(1, 400));
    assertPairRefused("OUT overlaps IN but is not the same place", output.slice(200, 400), first);
    DeviceMask mask = new DeviceMask(out.address() + 4 * COUNT - 1, COUNT);
    assertRefused("output must not overlap mask", () -> dropout.applyMask(mask, input, output, 0));
    DeviceMask before = new DeviceMask(out.address() - 74, COUNT);
    assertRefused(
        "output must not overlap mask", () -> dropout.applyMask(before, input, output, 0));
    assertNothingWritten();
  }

  @Test
  void addressMustSuitTheType() {
    long address = out.address();
    for (ElementType type : ElementType.values()) {
      for (int off = 1; off < type.bytes(); off++) {
        long odd = address + off;
        assertRefused(
            "address must be a multiple of "
                + type.bytes()
                + " ("
                + type.label()
                + ") but is "
                + hex(odd),
            () -> new DeviceElements(type, odd, 1));
      }
    }
  }

  @Test
  void firstIndexMustBeInRange() {
    List<Consumer<Long>> calls =
        List.of(
            first -> dropout.forward(input, output, KEY, first, 0),
            first -> dropout.forward(input, output, deviceKey, first, 0),
            first -> dropout.backward(input, output, KEY, first, 0),
            first -> dropout.backward(input, output, deviceKey, first, 0),
            first -> dropout.mask(new DeviceMask(out.address(), COUNT), KEY, first, 0),
            first -> dropout.mask(new DeviceMask(out.address(), COUNT), deviceKey, first, 0));
    for (Consumer<Long> call : calls) {
      for (long first : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE - COUNT + 2}) {
        assertRefused(
            "firstIndex must be in [0, 2^63 - 600] but is " + first, () -> call.accept(first));
      }
    }
    assertNothingWritten();
    // The largest that is allowed is none of these errors.
    dropout.forward(input, output, KEY, Long.MAX_VALUE - COUNT + 1, 0);
    assertEquals(false, out.isPoisoned());
  }

  @Test
  void rangeMustBeInTheTensor() {
    DeviceElements part = input.slice(0, 590);
    DeviceElements target = output.slice(0, 590);
    for (long first : new long[] {-1, 11, Long.MAX_VALUE}) {
      String message = "firstIndex must be in [0, 10] but is " + first;
      assertRefused(message, () -> dropout.forward(part, target, KEY, SHAPE, first, 0));
      assertRefused(message, () -> dropout.forward(part, target, deviceKey, SHAPE, first, 0));
      assertRefused(message, () -> dropout.backward(part, target, KEY, SHAPE, first, 0));
      assertRefused(message, () -> dropout.backward(part, target, deviceKey, SHAPE, first, 0));
    }
    MaskShape small = MaskShape.sharing(new long[] {20, 29}, 0);
    String message = " has 600 elements but shape has 580: " + small;
    assertRefused("input" + message, () -> dropout.forward(input, output, KEY, small, 0, 0));
    assertRefused(
        "gradOutput" + message, () -> dropout.backward(input, output, deviceKey, small, 0, 0));
    assertNothingWritten();
  }

  @Test
  void memoryOfTheHostIsRefused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(4L * COUNT, 16);
      DeviceElements host = new DeviceElements(ElementType.F32, memory.address(), COUNT);
      String message = notOfCuda(host.address());
      assertPairRefused("IN" + message, host, output);
      assertPairRefused("OUT" + message, input, host);
      DeviceMask mask = new DeviceMask(memory.address(), COUNT);
      assertRefused("output" + message, () -> dropout.mask(mask, KEY, 0, 0));
      assertRefused("output" + message, () -> dropout.mask(mask, deviceKey, 0, 0));
      assertRefused("mask" + message, () -> dropout.applyMask(mask, input, output, 0));
      assertNothingWritten();
    }
  }

  private static String notOfCuda(long address) {
    return " must be memory of CUDA but "
        + hex(address)
        + " is not: it has been freed, or is the host's";
  }

  @Test
  void memoryThatHasBeenFreedIsRefused() {
    Floats other = Floats.counting(device, COUNT);
    DeviceElements freed = other.elements();
    other.close();
    assertPairRefused("IN" + notOfCuda(freed.address()), freed, output);
    assertPairRefused("OUT" + notOfCuda(freed.address()), input, freed);
    DeviceMask mask = new DeviceMask(freed.address() + 5, COUNT);
    assertRefused(
        "mask" + notOfCuda(mask.address()), () -> dropout.applyMask(mask, input, output, 0));
    assertNothingWritten();
  }

  @Test
  void allocationMustBeLongEnough() {
    DeviceElements beyond = new DeviceElements(ElementType.F32, out.address() + 8, COUNT);
    String message =
        " has 2400 bytes from "
            + hex(beyond.address())
            + " on but the allocation has only 2392 there";
    assertPairRefused("OUT" + message, input, beyond);
    assertPairRefused("IN" + message, beyond, input);
    assertPairRefused("IN" + message, beyond, beyond);
    DeviceMask mask = new DeviceMask(out.address() + 4 * COUNT - 1, 9);
    assertRefused(
        "output has 2 bytes from "
            + hex(mask.address())
            + " on but the allocation has only 1 there",
        () -> dropout.mask(mask, KEY, 0, 0));
    DeviceElements huge = new DeviceElements(ElementType.F64, out.address(), Long.MAX_VALUE / 8);
    assertRefused(
        "input has "
            + Long.MAX_VALUE / 8 * 8
            + " bytes from "
            + hex(out.address())
            + " on but the allocation has only 2400 there",
        () -> dropout.forward(huge, huge, KEY, 0, 0));
    assertNothingWritten();
  }

  private static CudaDevice other() {
    List<CudaDevice> devices = CudaSupport.devices();
    assumeTrue(devices.size() > 1, "needs two devices, and there is only " + devices);
    return devices.get(1);
  }

  @Test
  void memoryOfAnotherDeviceIsRefused() {
    DeviceElements there = opened(Floats.counting(other(), COUNT)).elements();
    String message = " is on device 1 but the context is on " + device;
    assertPairRefused("IN" + message, there, output);
    assertPairRefused("OUT" + message, input, there);
    DeviceMask mask = new DeviceMask(there.address(), COUNT);
    assertRefused("output" + message, () -> dropout.mask(mask, KEY, 0, 0));
    assertNothingWritten();
  }

  @Test
  void keyOfAnotherDeviceIsRefused() {
    DeviceKey there = opened(DeviceKey.of(other(), KEY));
    String message = "key is on " + other() + " but the context is on " + device;
    DeviceMask mask = new DeviceMask(out.address(), COUNT);
    assertRefused(message, () -> dropout.forward(input, output, there, 0, 0));
    assertRefused(message, () -> dropout.forward(input, output, there, SHAPE, 0, 0));
    assertRefused(message, () -> dropout.backward(input, output, there, 0, 0));
    assertRefused(message, () -> dropout.backward(input, output, there, SHAPE, 0, 0));
    assertRefused(message, () -> dropout.mask(mask, there, 0, 0));
    assertNothingWritten();
  }

  @Test
  void contextMustBeTheChosenDevices() {
    CudaDropout chosen = CudaDropout.of(DropoutSpec.of(0.5), other());
    CudaContext context = CudaSupport.cuda().primary(device);
    context.push();
    try {
      String message = chosen + " is for " + other() + " but the current context is on " + device;
      for (Runnable call :
          List.<Runnable>of(
              () -> chosen.forward(input, output, KEY, 0, 0),
              () -> chosen.infer(input, output, 0),
              () -> chosen.prepare(ElementType.F32))) {
        assertEquals(message, assertThrows(IllegalStateException.class, call::run).getMessage());
      }
    } finally {
      context.pop();
    }
    assertNothingWritten();
  }

  @Test
  void closedKeyIsRefused() {
    DeviceKey closed = DeviceKey.of(device, KEY);
    closed.close();
    DeviceMask mask = new DeviceMask(out.address(), COUNT);
    for (Runnable call :
        List.<Runnable>of(
            () -> dropout.forward(input, output, closed, 0, 0),
            () -> dropout.forward(input, output, closed, SHAPE, 0, 0),
            () -> dropout.backward(input, output, closed, 0, 0),
            () -> dropout.backward(input, output, closed, SHAPE, 0, 0),
            () -> dropout.mask(mask, closed, 0, 0))) {
      String message = assertThrows(IllegalStateException.class, call::run).getMessage();
      assertTrue(message.endsWith(" has been closed"), message);
    }
    assertNothingWritten();
  }

  @Test
  void nullsAreNamed() {
    DeviceMask mask = new DeviceMask(out.address(), COUNT);
    MaskKey noKey = null;
    DeviceKey noDeviceKey = null;
    assertNullNamed("spec", () -> CudaDropout.of(null));
    assertNullNamed("spec", () -> CudaDropout.of(null, device));
    assertNullNamed("device", () -> CudaDropout.of(DropoutSpec.of(0.5), null));
    assertNullNamed("type", () -> dropout.prepare(null));
    forwards()
        .values()
        .forEach(call -> {
          assertNullNamed("input", () -> call.run(null, output));
          assertNullNamed("output", () -> call.run(input, null));
        });
    backwards()
        .values()
        .forEach(call -> {
          assertNullNamed("gradOutput", () -> call.run(null, output));
          assertNullNamed("gradInput", () -> call.run(input, null));
        });
    assertNullNamed("key", () -> dropout.forward(input, output, noKey, 0, 0));
    assertNullNamed("key", () -> dropout.forward(input, output, noDeviceKey, 0, 0));
    assertNullNamed("key", () -> dropout.forward(input, output, noKey, SHAPE, 0, 0));
    assertNullNamed("key", () -> dropout.forward(input, output, noDeviceKey, SHAPE, 0, 0));
    assertNullNamed("key", () -> dropout.backward(input, output, noKey, 0, 0));
    assertNullNamed("key", () -> dropout.backward(input, output, noDeviceKey, 0, 0));
    assertNullNamed("key", () -> dropout.backward(input, output, noKey, SHAPE, 0, 0));
    assertNullNamed("key", () -> dropout.backward(input, output, noDeviceKey, SHAPE, 0, 0));
    assertNullNamed("key", () -> dropout.mask(mask, noKey, 0, 0));
    assertNullNamed("key", () -> dropout.mask(mask, noDeviceKey, 0, 0));
    assertNullNamed("shape", () -> dropout.forward(input, output, KEY, null, 0, 0));
    assertNullNamed("shape", () -> dropout.backward(input, output, deviceKey, null, 0, 0));
    assertNullNamed("output", () -> dropout.mask(null, KEY, 0, 0));
    assertNullNamed("mask", () -> dropout.applyMask(null, input, output, 0));
    assertNothingWritten();
  }

  /** Empty calls are right wherever they point. */
  @Test
  void nothingIsDoneToNoElements() {
    DeviceElements none = new DeviceElements(ElementType.F32, 0, 0);
    MaskShape empty = MaskShape.sharing(new long[] {0, 5}, 1);
    DeviceMask noBits = new DeviceMask(0, 0);
    dropout.forward(none, none, KEY, Long.MAX_VALUE, 0);
    dropout.forward(none, none, deviceKey, 0, 0);
    dropout.backward(none, none, KEY, empty, 0, 0);
    dropout.forward(none, none, deviceKey, empty, 0, 0);
    dropout.mask(noBits, KEY, 5, 0);
    dropout.mask(noBits, deviceKey, 5, 0);
    dropout.applyMask(noBits, none, none, 0);
    dropout.infer(none, none, 0);
    assertNothingWritten();
  }
}
