package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaDropout;
import io.github.jdropout.backend.cuda.CudaGraph;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.cuda.DeviceKey;
import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.testing.Backends;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Recorded work draws a new mask at each replay; streams do not disturb each other. */
class DeviceStreamsTest {
  private static final int COUNT = 3001;
  private static final int REPLAYS = 5;
  private static final int STREAMS = 6;
  private static final int CALLS = 8;
  private static final DropoutSpec SPEC = DropoutSpec.of(0.4);

  private CudaDevice device;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
    device = CudaSupport.devices().getFirst();
  }

  @ParameterizedTest
  @EnumSource
  void replaysDrawTheMasksOfFollowingStreams(ElementType type) {
    MaskKey first = new MaskKey(11, -2); // Passes from -1 to 0 on the way.
    long[] source = Patterns.inputs(type, COUNT);
    CudaDropout dropout = CudaDropout.of(SPEC, device);
    dropout.prepare(type); // Nothing can be loaded while work is recorded.
    try (CudaStream stream = CudaStream.create(device);
        DeviceKey key = DeviceKey.of(device, first);
        DeviceBits input = new DeviceBits(device, type, source);
        DeviceBits output = new DeviceBits(device, type, Patterns.poison(type, COUNT));
        DeviceBits gradient = new DeviceBits(device, type, Patterns.poison(type, COUNT))) {
      key.advance(0, stream.handle());
      stream.synchronize();
      try (CudaGraph step =
          stream.capture(() -> {
            dropout.forward(input.elements(), output.elements(), key, 0, stream.handle());
            dropout.backward(input.elements(), gradient.elements(), key, 0, stream.handle());
            key.advance(1, stream.handle());
          })) {
        assertEquals(first, key.get(), "recording runs nothing");
        for (int replay = 0; replay < REPLAYS; replay++) {
          step.launch(stream);
          stream.synchronize();
          MaskKey drawn = new MaskKey(first.seed(), first.stream() + replay);
          String name = type + ", replay " + replay;
          assertNull(firstDifference(type, source, drawn, output), name);
          assertNull(firstDifference(type, source, drawn, gradient), name);
        }
      }
      assertEquals(new MaskKey(first.seed(), first.stream() + REPLAYS), key.get());
    }
  }

  @Test
  void streamsDoNotDisturbEachOther() {
    ElementType type = ElementType.F32;
    long[] source = Patterns.inputs(type, COUNT);
    CudaDropout dropout = CudaDropout.of(SPEC, device);
    List<CudaStream> streams = new ArrayList<>();
    List<DeviceBits> outputs = new ArrayList<>();
    try (DeviceBits input = new DeviceBits(device, type, source)) {
      for (int i = 0; i < STREAMS; i++) {
        streams.add(CudaStream.create(device));
      }
      for (int i = 0; i < STREAMS * CALLS; i++) {
        outputs.add(new DeviceBits(device, type, Patterns.poison(type, COUNT)));
      }
      for (int call = 0; call < outputs.size(); call++) {
        long stream = streams.get(call % STREAMS).handle();
        dropout.forward(
            input.elements(), outputs.get(call).elements(), new MaskKey(13, call), 0, stream);
      }
      streams.forEach(CudaStream::synchronize);
      for (int call = 0; call < outputs.size(); call++) {
        assertNull(
            firstDifference(type, source, new MaskKey(13, call), outputs.get(call)),
            "call " + call);
      }
    } finally {
      outputs.forEach(DeviceBits::close);
      streams.forEach(CudaStream::close);
    }
  }

  private static String firstDifference(
      ElementType type, long[] source, MaskKey key, DeviceBits output) {
    int[] lanes = OracleMask.lanes(key.seed(), key.stream(), 0, COUNT);
    return new Expectation(type, SPEC, source).firstDifference(lanes, output.read());
  }
}
