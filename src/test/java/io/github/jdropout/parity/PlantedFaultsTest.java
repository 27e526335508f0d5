package io.github.jdropout.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Mismatch;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.parity.reference.ReferenceMask;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The suite finds what is wrong, and says where it begins. */
class PlantedFaultsTest {
  private static final Set<ElementType> TYPES = EnumSet.of(ElementType.F32, ElementType.F16);

  /** Kernels with mistakes that have been made, or that a hurried reader would make. */
  enum Fault {
    NONE,
    LANES_IN_ANOTHER_ORDER {
      @Override
      boolean isKept(MaskKey key, long element, double p) {
        return super.isKept(key, element ^ 1, p);
      }
    },
    INDEX_OFF_BY_ONE {
      @Override
      boolean isKept(MaskKey key, long element, double p) {
        return super.isKept(key, element + 1, p);
      }
    },
    THRESHOLD_OF_EIGHT_BITS {
      @Override
      int threshold(double p) {
        return (int) Math.rint((1 - p) * 256) << 8;
      }
    },
    KEEPS_AT_THE_THRESHOLD {
      @Override
      int threshold(double p) {
        return p == 0 || p == 1 ? super.threshold(p) : super.threshold(p) + 1;
      }
    },
    SCALE_OF_P {
      @Override
      double scale(double p) {
        return p == 1 ? 1 : 1 / (1 - p);
      }
    },
    DROPPED_IS_MULTIPLIED_BY_ZERO {
      @Override
      long dropped(ElementType type, long input) {
        return ReferenceArithmetic.product(type, input, 0, 0);
      }
    },
    DROPPED_IS_NEGATIVE_ZERO {
      @Override
      long dropped(ElementType type, long input) {
        return 1L << (8 * type.bytes() - 1);
      }
    },
    TAIL_IS_NOT_WRITTEN {
      @Override
      long written(long count) {
        return count & ~7;
      }
    },
    INDEX_OF_32_BITS {
      @Override
      boolean isKept(MaskKey key, long element, double p) {
        return super.isKept(key, element & 0xFFFFFFFFL, p);
      }
    },
    STREAM_OF_32_BITS {
      @Override
      boolean isKept(MaskKey key, long element, double p) {
        return super.isKept(key.withStream((int) key.stream() & 0xFFFFFFFFL), element, p);
      }
    },
    SEED_OF_32_BITS {
      @Override
      boolean isKept(MaskKey key, long element, double p) {
        return super.isKept(new MaskKey((int) key.seed(), key.stream()), element, p);
      }
    },
    OUTPUT_IS_CLEARED_FIRST {
      @Override
      void run(MaskKey key, double p, long first, Elements input, Elements output) {
        output.segment().fill((byte) 0);
        super.run(key, p, first, input, output);
      }
    },
    THREADS_SHARE_A_SCRATCH {
      @Override
      void run(MaskKey key, double p, long first, Elements input, Elements output) {
        ForkJoinPool pool = ForkJoinTask.getPool();
        if (pool == null || pool.getParallelism() < 2 || input.count() < 100_000) {
          super.run(key, p, first, input, output);
          return;
        }
        long half = input.count() / 2;
        long[] scratch = new long[1];
        CountDownLatch firstWrote = new CountDownLatch(1);
        CountDownLatch secondWrote = new CountDownLatch(1);
        ForkJoinTask.invokeAll(
            ForkJoinTask.adapt(() -> {
              scratch[0] = first;
              firstWrote.countDown();
              await(secondWrote);
              half(key, p, scratch[0], input, output, 0);
            }),
            ForkJoinTask.adapt(() -> {
              await(firstWrote);
              scratch[0] = first + half;
              secondWrote.countDown();
              half(key, p, scratch[0], input, output, half);
            }));
      }

      private static void await(CountDownLatch latch) {
        try {
          assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }

      private void half(
          MaskKey key, double p, long first, Elements input, Elements output, long from) {
        long length = from == 0 ? input.count() / 2 : input.count() - from;
        super.run(key, p, first, input.slice(from, length), output.slice(from, length));
      }
    },
    CANARY_IS_OVERWRITTEN {
      @Override
      @SuppressWarnings("restricted") // As a native kernel would.
      void run(MaskKey key, double p, long first, Elements input, Elements output) {
        super.run(key, p, first, input, output);
        MemorySegment memory = output.segment();
        if (memory.isNative()) {
          MemorySegment.ofAddress(memory.address() + memory.byteSize())
              .reinterpret(1)
              .set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
        }
      }
    };

    boolean isKept(MaskKey key, long element, double p) {
      return ReferenceMask.isKept(key.seed(), key.stream(), element, threshold(p));
    }

    int threshold(double p) {
      return ReferenceMask.threshold(p);
    }

    double scale(double p) {
      int threshold = ReferenceMask.threshold(p);
      return threshold == 0 ? 1 : 65536.0 / threshold;
    }

    long dropped(ElementType type, long input) {
      return 0;
    }

    long written(long count) {
      return count;
    }

    void run(MaskKey key, double p, long first, Elements input, Elements output) {
      ElementType type = input.type();
      MemorySegment in = input.segment();
      MemorySegment out = output.segment();
      double scale = scale(p);
      for (long i = 0; i < written(input.count()); i++) {
        long bits = ElementBits.get(type, in, i);
        long result = dropped(type, bits);
        if (isKept(key, first + i, p)) {
          result = p == 0 ? bits : ReferenceArithmetic.product(type, bits, scale, (float) scale);
        }
        ElementBits.set(type, out, i, result);
      }
    }
  }

  /** A fault beside the real thing: where the last call began to be wrong. */
  private static final class Recording implements DropoutFunction {
    private final Fault fault;
    private long firstDifference = -1;

    Recording(Fault fault) {
      this.fault = fault;
    }

    @Override
    public void apply(MaskKey key, double p, long firstIndex, Elements input, Elements output) {
      ElementType type = input.type();
      byte[] right = input.segment().toArray(ValueLayout.JAVA_BYTE);
      Elements expected = Elements.of(type, MemorySegment.ofArray(right));
      Dropout.of(DropoutSpec.of(p), BackendId.SCALAR).forward(expected, expected, key, firstIndex);
      fault.run(key, p, firstIndex, input, output);
      firstDifference =
          ElementBits.firstDifference(type, expected.segment(), output.segment(), p == 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isFoundWhereItBegins(Fault fault) {
    Recording recording = new Recording(fault);
    ParitySuite suite =
        ParitySuite.of(
            Implementation.of(fault.name(), recording),
            ParityPlan.quick().only(EnumSet.of(Operation.FORWARD, Operation.IN_PLACE), TYPES));
    assertEquals(4, suite.cells().size());
    for (PlannedCell planned : suite.cells()) {
      Cell cell = suite.run(planned, _ -> {});
      // Only where input and output are one does it matter what is cleared.
      boolean isHarmless =
          fault == Fault.OUTPUT_IS_CLEARED_FIRST && planned.operation() == Operation.FORWARD;
      if (fault == Fault.NONE || isHarmless) {
        assertEquals(Outcome.PASSED, cell.outcome(), cell::toString);
      } else {
        checkFound(fault, suite, cell, recording.firstDifference);
      }
    }
  }

  private static void checkFound(Fault fault, ParitySuite suite, Cell cell, long firstDifference) {
    assertEquals(Outcome.FAILED, cell.outcome(), cell::toString);
    Mismatch mismatch = cell.mismatch().orElseThrow();
    if (fault == Fault.CANARY_IS_OVERWRITTEN) {
      assertEquals("after the output was written", cell.reason());
      assertEquals(mismatch.count(), mismatch.index());
      assertEquals("00", mismatch.actual());
    } else {
      assertEquals("element " + firstDifference + " differs", cell.reason());
      assertEquals(firstDifference, mismatch.index());
      assertNotNull(mismatch.input());
      assertTrue(!mismatch.expected().equals(mismatch.actual()), mismatch::toString);
    }
    String command = mismatch.command();
    assertTrue(command.startsWith("jdropout parity --case '"), command);
    ParityCase again =
        ParityCase.parse(command.substring(command.indexOf('\'') + 1, command.length() - 1));
    assertEquals(mismatch, suite.run(again).orElseThrow(), "its command repeats it");
  }
}
