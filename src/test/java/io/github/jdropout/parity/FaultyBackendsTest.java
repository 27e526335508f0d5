package io.github.jdropout.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.scalar.ScalarKernels;
import io.github.jdropout.backend.tiled.ColumnSums;
import io.github.jdropout.gemm.Gemm;
import io.github.jdropout.gemm.GemmCall;
import io.github.jdropout.gemm.cpu.CpuGemm;
import io.github.jdropout.parity.ParityReport.Cell;
import io.github.jdropout.parity.ParityReport.Outcome;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is wrong with one operation fails this operation, and no other. */
class FaultyBackendsTest {
  /** The scalar backend, for others to spoil. */
  private static class Scalar implements DropoutBackend {
    private final DropoutBackend scalar = ScalarKernels.backend();

    @Override
    public BackendId id() {
      return BackendId.SCALAR;
    }

    @Override
    public String description() {
      return "spoilt";
    }

    @Override
    public void forward(
        DropoutSpec spec, MaskKey key, long firstIndex, Elements input, Elements output) {
      scalar.forward(spec, key, firstIndex, input, output);
    }

    @Override
    public void forwardShared(
        DropoutSpec spec,
        MaskKey key,
        MaskShape shape,
        long firstIndex,
        Elements input,
        Elements output) {
      scalar.forwardShared(spec, key, shape, firstIndex, input, output);
    }

    @Override
    public void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
      scalar.mask(spec, key, firstIndex, output);
    }

    @Override
    public void applyMask(DropoutSpec spec, PackedMask mask, Elements input, Elements output) {
      scalar.applyMask(spec, mask, input, output);
    }

    @Override
    public void scale(double factor, Elements input, Elements output) {
      scalar.scale(factor, input, output);
    }
  }

  private static Set<Operation> failing(DropoutBackend backend) {
    return failing(Implementation.of(backend), EnumSet.allOf(Operation.class));
  }

  private static Set<Operation> failing(Implementation implementation, Set<Operation> operations) {
    ParityPlan plan = ParityPlan.quick().only(operations, EnumSet.of(ElementType.F16));
    ParitySuite suite = ParitySuite.of(implementation, plan);
    return suite.cells().stream()
        .filter(cell -> suite.run(cell, _ -> {}).outcome() == Outcome.FAILED)
        .map(PlannedCell::operation)
        .collect(Collectors.toSet());
  }

  @Test
  void unspoiltNothingFails() {
    assertEquals(Set.of(), failing(new Scalar()));
  }

  @Test
  void maskThatLeavesTheBitsAfterItsEnd() {
    DropoutBackend backend =
        new Scalar() {
          @Override
          public void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
            super.mask(spec, key, firstIndex, output);
            if (output.count() % 8 != 0) {
              MemorySegment bytes = output.bytes();
              long last = bytes.byteSize() - 1;
              byte bits = bytes.get(ValueLayout.JAVA_BYTE, last);
              bytes.set(ValueLayout.JAVA_BYTE, last, (byte) (bits | 0x80));
            }
          }
        };
    assertEquals(Set.of(Operation.MASK), failing(backend));
  }

  @Test
  void givenMaskThatHasASayAtOne() {
    DropoutBackend backend =
        new Scalar() {
          @Override
          public void applyMask(
              DropoutSpec spec, PackedMask mask, Elements input, Elements output) {
            DropoutSpec other = spec.p() == 1 ? DropoutSpec.of(0.5) : spec;
            PackedMask all = PackedMask.allocate(mask.count());
            all.bytes().fill((byte) -1);
            super.applyMask(other, spec.p() == 1 ? all : mask, input, output);
          }
        };
    assertEquals(Set.of(Operation.APPLY_MASK), failing(backend));
  }

  @Test
  void inferenceThatScalesByP() {
    DropoutBackend backend =
        new Scalar() {
          @Override
          public void scale(double factor, Elements input, Elements output) {
            super.scale(factor * (1 + 0x1p-9), input, output);
          }
        };
    assertTrue(failing(backend).contains(Operation.INFERENCE));
  }

  @Test
  void sharedMaskOfTheWrongElements() {
    DropoutBackend backend =
        new Scalar() {
          @Override
          public void forwardShared(
              DropoutSpec spec,
              MaskKey key,
              MaskShape shape,
              long firstIndex,
              Elements input,
              Elements output) {
            super.forward(spec, key, firstIndex, input, output);
          }
        };
    assertEquals(Set.of(Operation.SHARED_MASK), failing(backend));
  }

  @Test
  void failureIsADifference() {
    DropoutBackend backend =
        new Scalar() {
          @Override
          public void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
            throw new IllegalStateException("no masks today");
          }
        };
    ParitySuite suite =
        ParitySuite.of(
            Implementation.of(backend),
            ParityPlan.quick().only(EnumSet.of(Operation.MASK), Set.of()));
    Cell cell = suite.run(suite.cells().getFirst(), _ -> {});
    assertEquals(Outcome.FAILED, cell.outcome());
    assertEquals("the call failed: java.lang.IllegalStateException: no masks today", cell.reason());
    assertTrue(cell.mismatch().orElseThrow().details().startsWith(cell.reason()));
  }

  /** The scalar epilogues, for others to spoil. */
  private static class Epilogues implements EpilogueBackend {
    private final EpilogueBackend scalar = ScalarKernels.epilogues();

    @Override
    public void epilogue(
        Epilogue epilogue,
        HostMatrix product,
        Elements bias,
        HostMatrix residual,
        HostMatrix output,
        MemorySegment signs) {
      scalar.epilogue(epilogue, product, bias, residual, output, signs);
    }

    @Override
    public void epilogueGradient(
        Epilogue epilogue,
        HostMatrix gradOutput,
        HostMatrix product,
        Elements bias,
        MemorySegment signs,
        HostMatrix gradProduct,
        HostMatrix groupSums) {
      scalar.epilogueGradient(epilogue, gradOutput, product, bias, signs, gradProduct, groupSums);
    }
  }

  private static final Set<Operation> OF_LAYERS =
      EnumSet.range(Operation.EPILOGUE, Operation.PRODUCT);

  private static Set<Operation> failing(EpilogueBackend epilogues, Gemm gemm) {
    Subject subject = new BackendSubject(new Scalar(), epilogues, gemm);
    return failing(Implementation.of("spoilt", subject), OF_LAYERS);
  }

  @Test
  void unspoiltNoLayerFails() {
    assertEquals(Set.of(), failing(new Epilogues(), CpuGemm.open()));
  }

  @Test
  void biasThatIsForgotten() {
    EpilogueBackend epilogues =
        new Epilogues() {
          @Override
          public void epilogue(
              Epilogue epilogue,
              HostMatrix product,
              Elements bias,
              HostMatrix residual,
              HostMatrix output,
              MemorySegment signs) {
            super.epilogue(epilogue, product, null, residual, output, signs);
          }
        };
    assertEquals(Set.of(Operation.EPILOGUE), failing(epilogues, CpuGemm.open()));
  }

  @Test
  void signsThatAreInverted() {
    EpilogueBackend epilogues =
        new Epilogues() {
          @Override
          public void epilogue(
              Epilogue epilogue,
              HostMatrix product,
              Elements bias,
              HostMatrix residual,
              HostMatrix output,
              MemorySegment signs) {
            super.epilogue(epilogue, product, bias, residual, output, signs);
            for (long i = 0; signs != null && i < signs.byteSize(); i++) {
              signs.set(ValueLayout.JAVA_BYTE, i, (byte) ~signs.get(ValueLayout.JAVA_BYTE, i));
            }
          }
        };
    assertEquals(Set.of(Operation.EPILOGUE), failing(epilogues, CpuGemm.open()));
  }

  @Test
  void gapsThatAreWritten() {
    EpilogueBackend epilogues =
        new Epilogues() {
          @Override
          public void epilogueGradient(
              Epilogue epilogue,
              HostMatrix gradOutput,
              HostMatrix product,
              Elements bias,
              MemorySegment signs,
              HostMatrix gradProduct,
              HostMatrix groupSums) {
            super.epilogueGradient(
                epilogue, gradOutput, product, bias, signs, gradProduct, groupSums);
            if (gradProduct.rowCount() > 1 && !gradProduct.shape().isContiguous()) {
              gradProduct.elements().write(gradProduct.columnCount(), new short[1], 1);
            }
          }
        };
    assertEquals(Set.of(Operation.EPILOGUE_GRADIENT), failing(epilogues, CpuGemm.open()));
  }

  @Test
  void sumsOfTheRoundedGradient() {
    EpilogueBackend epilogues =
        new Epilogues() {
          @Override
          public void epilogueGradient(
              Epilogue epilogue,
              HostMatrix gradOutput,
              HostMatrix product,
              Elements bias,
              MemorySegment signs,
              HostMatrix gradProduct,
              HostMatrix groupSums) {
            super.epilogueGradient(
                epilogue, gradOutput, product, bias, signs, gradProduct, groupSums);
            MemorySegment sums = groupSums.elements().segment();
            if (sums.byteSize() != 0) {
              float sum = sums.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
              sums.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, Math.nextUp(sum));
            }
          }
        };
    assertEquals(Set.of(Operation.EPILOGUE_GRADIENT), failing(epilogues, CpuGemm.open()));
  }

  @Test
  void biasGradientThatIsNotAccumulated() {
    Subject subject =
        new SpoiltSums(new BackendSubject(new Scalar(), new Epilogues(), CpuGemm.open()));
    assertEquals(
        Set.of(Operation.BIAS_GRADIENT),
        failing(Implementation.of("spoilt", subject), Set.of(Operation.BIAS_GRADIENT)));
  }

  private record SpoiltSums(BackendSubject good) implements Subject {
    @Override
    public Set<Operation> operations() {
      return good.operations();
    }

    @Override
    public Set<ElementType> types() {
      return good.types();
    }

    @Override
    public void forward(
        DropoutSpec spec, MaskKey key, long firstIndex, Elements input, Elements output) {
      good.forward(spec, key, firstIndex, input, output);
    }

    @Override
    public void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
      good.mask(spec, key, firstIndex, output);
    }

    @Override
    public void columnSums(HostMatrix groupSums, Elements gradBias, boolean accumulates) {
      ColumnSums.finish(groupSums, gradBias, false);
    }
  }

  @Test
  void productThatIsTooFarOff() {
    CpuGemm right = CpuGemm.open();
    Gemm gemm =
        new Gemm() {
          @Override
          public String description() {
            return "spoilt";
          }

          @Override
          public void multiply(GemmCall call) {
            // Beyond the rounding of f16 by a quarter.
            right.multiply(
                new GemmCall(
                    call.batches(),
                    call.alpha() * (1 + 0x1.4p-10f),
                    call.a(),
                    call.transposeA(),
                    call.b(),
                    call.transposeB(),
                    call.beta(),
                    call.c()));
          }

          @Override
          public void close() {
            // Holds nothing.
          }
        };
    assertEquals(Set.of(Operation.PRODUCT), failing(new Epilogues(), gemm));
  }
}
