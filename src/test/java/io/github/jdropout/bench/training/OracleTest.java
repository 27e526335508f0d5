package io.github.jdropout.bench.training;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.bench.training.Estimate.Lines;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The check of the steps sees what goes wrong. */
class OracleTest {
  private static final ElementType BF16 = ElementType.BF16;
  private static final Epilogue DROPOUT =
      Epilogue.training(DropoutSpec.of(0.1), Activation.SILU, new MaskKey(1, 2), 0, 64);

  private final Arena arena = Arena.ofAuto();
  private final SplittableRandom random = new SplittableRandom(3);
  private final HostMatrix product = Numbers.random(BF16, 8, 64, 2, random, arena);
  private final Oracle oracle = new Oracle();

  @Test
  void anotherMaskIsSeen() {
    Epilogue other =
        Epilogue.training(DropoutSpec.of(0.1), Activation.SILU, new MaskKey(1, 3), 0, 64);
    HostMatrix right = oracle.applied(DROPOUT, product, arena);
    HostMatrix wrong = oracle.applied(other, product, arena);
    assertDoesNotThrow(() -> oracle.checkOutput("output", DROPOUT, product, null, right));
    String message =
        assertThrows(
                IllegalStateException.class,
                () -> oracle.checkOutput("output", DROPOUT, product, null, wrong))
            .getMessage();
    assertTrue(
        message.matches("wrong output: row 0, column \\d+ is \\S+ but should be \\S+, to the bit"),
        message);
  }

  /** The last of the bits of the last element of a row that is compared. */
  @Test
  void oneBitIsSeen() {
    HostMatrix output = oracle.applied(DROPOUT, product, arena);
    long at = 8 * 64 - 1;
    short bits = output.span().segment().getAtIndex(ValueLayout.JAVA_SHORT, at);
    output.span().segment().setAtIndex(ValueLayout.JAVA_SHORT, at, (short) (bits ^ 1));
    assertThrows(
        IllegalStateException.class,
        () -> oracle.checkOutput("output", DROPOUT, product, null, output));
  }

  /** One product less in each sum, of 64. */
  @Test
  void aTermLessIsSeen() {
    HostMatrix weight = Numbers.random(BF16, 64, 64, 1, random, arena);
    HostMatrix computed = Numbers.zeros(BF16, 8, 64, arena);
    Oracle.Model right =
        (row, column) ->
            Estimate.dot(Lines.rows(product), row, Lines.rows(weight), column).stored(BF16);
    Oracle.Model lessOne =
        (row, column) -> {
          double last = Numbers.get(product, row, 63) * Numbers.get(weight, column, 63);
          return right.at(row, column).plus(Estimate.exact(-last));
        };
    for (long row = 0; row < 8; row++) {
      for (long column = 0; column < 64; column++) {
        Numbers.set(computed, row, column, (float) right.at(row, column).value());
      }
    }
    assertDoesNotThrow(() -> oracle.checkElements("product", computed, right));
    assertThrows(
        IllegalStateException.class, () -> oracle.checkElements("product", computed, lessOne));
  }

  /** Each model fits some columns, and only the third fits all. */
  @Test
  void oneModelFitsAllElements() {
    HostMatrix computed = Numbers.zeros(BF16, 8, 64, arena);
    Oracle.Model even = (_, column) -> Estimate.exact(column % 2 == 0 ? 0 : 1);
    Oracle.Model odd = (_, column) -> Estimate.exact(column % 2 == 0 ? 1 : 0);
    Oracle.Model all = (_, _) -> Estimate.exact(0);
    assertThrows(
        IllegalStateException.class, () -> oracle.checkElements("sum", computed, even, odd));
    assertDoesNotThrow(() -> oracle.checkElements("sum", computed, even, odd, all));
  }

  @Test
  void nothingComputedIsSeen() {
    HostMatrix computed = Numbers.zeros(BF16, 8, 64, arena);
    computed.span().segment().fill((byte) 0xFF);
    assertThrows(
        IllegalStateException.class,
        () -> oracle.checkElements("sum", computed, (_, _) -> new Estimate(0, 1e30)));
  }

  /** Each rounding counts: to f32 half of 2^-23 of the number, to bf16 half of 2^-7. */
  @Test
  void errorsAddUp() {
    Estimate sum = Estimate.exact(1).plus(Estimate.exact(2));
    assertEquals(new Estimate(3, 3 * 0x1p-24), sum);
    assertEquals(new Estimate(-6, 12 * 0x1p-24), sum.times(-2));
    assertEquals(3 * 0x1p-8, Estimate.exact(3).stored(BF16).error());
    assertTrue(Estimate.exact(3).stored(BF16).allows(3 + 0x1p-7));
    assertTrue(!Estimate.exact(3).stored(BF16).allows(3 + 0x1p-6));
  }
}
