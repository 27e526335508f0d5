package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.testing.Backends;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Recorded epilogues: with a key in device memory, each replay draws another mask. */
class CudaEpilogueGraphTest {
  private static final int ROWS = 37;
  private static final int COLUMNS = 81;
  private static final int COUNT = ROWS * COLUMNS;
  private static final int REPLAYS = 4;
  private static final DropoutSpec SPEC = DropoutSpec.of(0.3);

  /** The replays carry into the upper half of the stream. */
  private static final MaskKey KEY = new MaskKey(9, 0xFFFFFFFFL - 1);

  private CudaDevice device;
  private CudaEpilogue subject;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
    device = CudaSupport.devices().getFirst();
    subject = CudaEpilogue.of(device);
    subject.prepare(ElementType.F32);
  }

  private static DeviceMatrix matrix(Floats floats) {
    return Matrix.onDevice(ElementType.F32, floats.address(), ROWS, COLUMNS);
  }

  private static Epilogue epilogue(MaskKey key) {
    return Epilogue.training(SPEC, Activation.IDENTITY, key, 0, COLUMNS);
  }

  /** Identity without bias and residual is dropout itself, and so is its gradient. */
  @Test
  void replaysDrawOneMaskAfterTheOther() {
    Epilogue recorded = epilogue(new MaskKey(-1, -1));
    try (CudaStream stream = CudaStream.create(device);
        DeviceKey key = DeviceKey.of(device, KEY);
        Floats product = Floats.counting(device, COUNT);
        Floats output = Floats.poisoned(device, COUNT);
        Floats gradient = Floats.poisoned(device, COUNT);
        CudaGraph graph =
            stream.capture(() -> {
              subject.epilogue(
                  recorded,
                  key,
                  matrix(product),
                  null,
                  null,
                  matrix(output),
                  null,
                  stream.handle());
              subject.epilogueGradient(
                  recorded,
                  key,
                  matrix(product),
                  null,
                  null,
                  null,
                  matrix(gradient),
                  null,
                  stream.handle());
              key.advance(1, stream.handle());
            })) {
      stream.synchronize();
      assertTrue(output.isPoisoned(), "a capture runs nothing");
      for (int replay = 0; replay < REPLAYS; replay++) {
        graph.launch(stream);
        stream.synchronize();
        MaskKey now = new MaskKey(KEY.seed(), KEY.stream() + replay);
        float[] expected = Floats.dropped(SPEC, now, COUNT);
        assertArrayEquals(expected, output.values(), "replay " + replay);
        assertArrayEquals(expected, gradient.values(), "replay " + replay);
        assertEquals(new MaskKey(KEY.seed(), KEY.stream() + replay + 1), key.get());
      }
    }
  }

  @Test
  void keyOfTheHostRepeatsItsMask() {
    try (CudaStream stream = CudaStream.create(device);
        Floats cells = Floats.counting(device, COUNT);
        Floats output = Floats.poisoned(device, COUNT);
        CudaGraph graph =
            stream.capture(() ->
                subject.epilogue(
                    epilogue(KEY),
                    matrix(cells),
                    null,
                    null,
                    matrix(output),
                    null,
                    stream.handle()))) {
      for (int replay = 0; replay < 2; replay++) {
        graph.launch(stream);
        stream.synchronize();
        assertArrayEquals(Floats.dropped(SPEC, KEY, COUNT), output.values());
      }
    }
  }

  /** Of 37 rows the group sums have two, and a launch on them makes one. */
  @Test
  void gradientOfABiasIsRecordedWhole() {
    try (CudaStream stream = CudaStream.create(device);
        Floats gradOutput = Floats.counting(device, COUNT);
        Floats groupSums = Floats.poisoned(device, 2 * COLUMNS);
        Floats gradBias = Floats.poisoned(device, COLUMNS);
        CudaGraph graph =
            stream.capture(() -> {
              DeviceMatrix sums = Matrix.onDevice(ElementType.F32, groupSums.address(), 2, COLUMNS);
              subject.epilogueGradient(
                  epilogue(KEY),
                  matrix(gradOutput),
                  null,
                  null,
                  null,
                  matrix(gradOutput),
                  sums,
                  stream.handle());
              subject.columnSums(sums, gradBias.elements(), false, null, stream.handle());
            })) {
      graph.launch(stream);
      stream.synchronize();
      float[] dropped = Floats.dropped(SPEC, KEY, COUNT);
      float[] expected = new float[COLUMNS];
      float[] group = new float[COLUMNS];
      for (int row = 0; row < ROWS; row++) {
        for (int column = 0; column < COLUMNS; column++) {
          group[column] += dropped[row * COLUMNS + column];
          if (row == 31 || row == ROWS - 1) {
            expected[column] += group[column];
          }
        }
        if (row == 31) {
          Arrays.fill(group, 0);
        }
      }
      assertArrayEquals(expected, gradBias.values());
      assertFalse(groupSums.isPoisoned());
    }
  }
}
