package io.github.jdropout.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cases as text. */
class ParityCaseTest {
  @Test
  void textSaysEverything() {
    String text =
        "forward f32 count=1000 p=0.1 seed=42 stream=7 first=3 threads=2 place=unaligned"
            + " values=special";
    ParityCase given = ParityCase.parse(text);
    assertEquals(text, given.toString());
    assertEquals(Operation.FORWARD, given.operation());
    assertEquals(Optional.of(ElementType.F32), given.type());
    assertEquals(1000, given.elements());
    assertEquals(new MaskKey(42, 7), given.key());
    assertEquals(0.1, given.spec().p());
  }

  @Test
  void whatIsLeftOutHasItsUsualValue() {
    assertEquals(
        "mask count=5 p=0.1 seed=0 stream=0 first=0 threads=1 place=array",
        ParityCase.parse(" mask   count=5 ").toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mask count=10 first=9223372036854775797|mask count=10 first=9223372036854775798",
        "shared-mask f32 shape=4x5/1 count=9 first=11|shared-mask f32 shape=4x5/1 count=9 first=12",
        "epilogue f32 rows=2 columns=5 beyond=1 first=9223372036854775796"
            + "|epilogue f32 rows=2 columns=5 beyond=1 first=9223372036854775797"
      })
  void theRangeEndsWithTheIndices(String last, String beyond) {
    assertTrue(ParityCase.parse(last).toString().contains(last.substring(last.lastIndexOf(' '))));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ParityCase.parse(beyond));
    assertTrue(e.getMessage().startsWith("first must be in [0, "), e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> ParityCase.parse("epilogue f32 rows=9 beyond=9223372036854775807"));
  }

  @Test
  void everyPlannedCaseIsReadBack() {
    ParityPlan plan = ParityPlan.exhaustive(1 << 23);
    Implementation scalar = Implementation.of(DropoutBackends.get(BackendId.SCALAR));
    long cases = 0;
    for (PlannedCell cell : ParitySuite.of(scalar, plan).cells()) {
      for (ParityCase given : cell.calls()) {
        assertEquals(given, ParityCase.parse(given.toString()));
        cases++;
      }
    }
    assertTrue(cases > 3000, () -> "there should be thousands of cases");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sideways f32|operation must be one of forward, in-place, .* but is sideways",
        "forward|case must name a type after forward",
        "forward f8|type of forward must be one of f32, f64, f16, bf16 but is f8",
        "product f64|type of product must be one of f32, f16, bf16 but is f64",
        "forward f32 5|case must have NAME=VALUE but has 5",
        "forward f32 rows=5|what a case of forward says must be one of count, p, .* but is rows",
        "forward f32 count=5 count=6|case must have count once",
        "forward f32 count=-5|count must be at least 0 but is -5",
        "forward f32 seed=x|seed must be a number but is x",
        "forward f32 p=1.5|p must be in \\[0, 1\\] but is 1.5",
        "forward f32 threads=2000|threads must be in \\[0, 1024\\] but is 2000",
        "forward f32 place=moon|place must be one of whole, array, .* but is moon",
        "shared-mask f32 shape=4xq|shape must be like 4x9x130/1, .* but is 4xq",
        "epilogue f16 bias=maybe|bias must be one of no, yes but is maybe",
        "epilogue f16 activation=tanh|activation must be one of identity, .* but is tanh",
        "product f16 result=bf16|result must be one of f32, f16 but is bf16"
      })
  void errorsNameTheWord(String text, String message) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ParityCase.parse(text));
    assertTrue(e.getMessage().matches(message), e.getMessage());
  }
}
