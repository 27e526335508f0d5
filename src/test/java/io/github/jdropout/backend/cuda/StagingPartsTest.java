package io.github.jdropout.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.testing.JavaProcess;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Into which parts a call on host memory is cut does not matter. */
class StagingPartsTest {
  /** Prints a digest of the outputs of every call, by the backend of the first argument. */
  static final class PrintDigest {
    private static final MaskKey KEY = new MaskKey(11, 12);
    private static final DropoutSpec SPEC = DropoutSpec.of(0.3).classical();

    /** Around the ends of parts of every size and type; the last makes several parts of all. */
    private static final int[] COUNTS = {1, 127, 128, 129, 511, 1025, 4097, 32_769, 70_001};

    private final Dropout dropout;
    private final MessageDigest digest;

    private PrintDigest(Dropout dropout, MessageDigest digest) {
      this.dropout = dropout;
      this.digest = digest;
    }

    public static void main(String[] args) throws Exception {
      BackendId backend = BackendId.parse(System.getProperty("jdropout.test.backend"));
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new PrintDigest(Dropout.of(SPEC, backend), digest).run();
      System.out.println(HexFormat.of().formatHex(digest.digest()));
    }

    private void run() {
      for (int count : COUNTS) {
        for (long first : new long[] {0, 5, (1L << 35) - 64}) {
          PackedMask mask = PackedMask.allocate(count);
          dropout.mask(mask, KEY, first);
          digest.update(mask.bytes().toArray(ValueLayout.JAVA_BYTE));
          for (ElementType type : ElementType.values()) {
            run(type, count, first, mask);
          }
        }
      }
    }

    private void run(ElementType type, int count, long first, PackedMask mask) {
      MaskShape shape = MaskShape.sharing(new long[] {3, count, 7}, 0, 2);
      byte[] source = finiteValues(type, count);
      byte[] target = new byte[source.length];
      Elements input = Elements.of(type, MemorySegment.ofArray(source));
      Elements output = Elements.of(type, MemorySegment.ofArray(target));
      List<Runnable> calls =
          List.of(
              () -> dropout.forward(input, output, KEY, first),
              () -> dropout.backward(input, output, KEY, shape, Math.min(first, 2L * count)),
              () -> dropout.applyMask(mask, input, output),
              () -> dropout.infer(input, output));
      for (Runnable call : calls) {
        call.run();
        digest.update(target);
      }
    }

    /** Random bits with one bit of the exponent cleared: a NaN's payload is not specified. */
    private static byte[] finiteValues(ElementType type, int count) {
      byte[] bytes = new byte[count * type.bytes()];
      new SplittableRandom(count).nextBytes(bytes);
      for (int last = type.bytes() - 1; last < bytes.length; last += type.bytes()) {
        bytes[last] &= (byte) 0xBF;
      }
      return bytes;
    }
  }

  private static String digest(BackendId backend, String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--enable-native-access=ALL-UNNAMED");
    all.add("-Djdropout.cuda.library=" + HostDriver.library());
    all.add("-Djdropout.test.backend=" + backend.label());
    JavaProcess.Result result = JavaProcess.run(PrintDigest.class, all);
    assertEquals(0, result.status(), result.output());
    return result.output().strip();
  }

  @Test
  void partsOfEverySizeGiveTheSame() throws Exception {
    String expected = digest(BackendId.SCALAR);
    assertEquals(64, expected.length());
    assertEquals(expected, digest(BackendId.CUDA));
    for (int bytes : new int[] {1024, 4096, 65536}) {
      assertEquals(
          expected, digest(BackendId.CUDA, "-Djdropout.cuda.stagingBytes=" + bytes), "" + bytes);
    }
    assertEquals(
        expected,
        digest(BackendId.CUDA, "-Djdropout.cuda.stagingBytes=3072", "-Djdropout.cuda.launch=32x1"));
  }
}
