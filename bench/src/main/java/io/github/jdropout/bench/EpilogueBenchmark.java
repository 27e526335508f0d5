package io.github.jdropout.bench;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.ffm.FfmSupport;
import io.github.jdropout.backend.scalar.ScalarKernels;
import io.github.jdropout.backend.vector.VectorKernels;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MatrixShape;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * The end of a layer, with bias and residual, and its gradient, with the bias's; sizes are
 * multiples of 1024.
 */
@State(Scope.Thread)
public class EpilogueBenchmark extends Timed {
  private static final int COLUMNS = 1024;

  // What a machine without a GPU has.
  @Param({"SCALAR", "VECTOR", "FFM"})
  public BackendId backend;

  @Param public Activation activation;

  /** Probability of dropping. */
  @Param("0.1")
  public double p;

  private final EpilogueBackend reference = ScalarKernels.epilogues();
  private EpilogueBackend subject;
  private Epilogue rule;
  private HostMatrix output;

  /** The product, or the gradient of the output. */
  private HostMatrix first;

  /** The residual, or the product. */
  private HostMatrix second;

  private Elements bias;
  private MemorySegment signs;
  private HostMatrix sums;

  /** Creates the operands that {@link Tensors} has not. */
  @Setup
  public void create(BenchmarkParams benchmark, Tensors tensors, Traffic traffic) {
    subject = epilogues(backend);
    rule = rule(0);
    output = matrix(tensors.output);
    first = matrix(tensors.input);
    Elements other = tensors.another();
    second = matrix(other);
    bias = other.slice(0, COLUMNS);
    if (activation == Activation.RELU) {
      signs = MemorySegment.ofArray(new long[tensors.size / Long.SIZE]);
      reference.epilogue(rule, first, bias, second, output, signs);
    }
    int groups = (int) Epilogue.groups(output.rowCount());
    sums = matrix(tensors.storage.allocate(ElementType.F32, groups * COLUMNS));
    declare(traffic, tensors, benchmark.getBenchmark().endsWith(".gradient"));
  }

  private void declare(Traffic traffic, Tensors tensors, boolean isGradient) {
    long bytes = tensors.bytes();
    long signBytes = signs == null ? 0 : signs.byteSize();
    long read;
    long written;
    if (isGradient) {
      read = bytes + (activation.needsProduct() ? bytes : signBytes);
      written = bytes + sums.elements().segment().byteSize();
    } else {
      read = 2 * bytes;
      written = bytes + signBytes;
    }
    traffic.declare(tensors.storage, tensors.type, read + bias.segment().byteSize(), written);
  }

  private static EpilogueBackend epilogues(BackendId id) {
    // Throws, with the reason, where it cannot run.
    System.out.println("# runs " + id.label() + ": " + DropoutBackends.get(id).description());
    return switch (id) {
      case SCALAR -> ScalarKernels.epilogues();
      case VECTOR -> VectorKernels.epilogues();
      case FFM -> FfmSupport.epilogues();
      case CUDA -> throw new IllegalArgumentException("backend must be of the CPU but is cuda");
    };
  }

  private Epilogue rule(long firstIndex) {
    return Epilogue.training(DropoutSpec.of(p), activation, Subject.KEY, firstIndex, COLUMNS);
  }

  private static HostMatrix matrix(Elements elements) {
    return new HostMatrix(elements, MatrixShape.of(elements.count() / COLUMNS, COLUMNS));
  }

  /** The measured call of the forward pass. */
  @Benchmark
  public void forward() {
    subject.epilogue(rule, first, bias, second, output, signs);
  }

  /** The measured call of the backward pass. */
  @Benchmark
  public void gradient() {
    subject.epilogueGradient(rule, first, product(second), bias, signs, output, sums);
  }

  private HostMatrix product(HostMatrix given) {
    return activation.needsProduct() ? given : null;
  }

  private MemorySegment signs(long from, long count) {
    return signs == null ? null : signs.asSlice(from / Byte.SIZE, count / Byte.SIZE);
  }

  /** Compares both passes, whichever was measured, with the scalar backend. */
  @TearDown
  public void check(Tensors tensors) {
    tensors.check(
        this::forward,
        (from, input, want) -> {
          HostMatrix residual = matrix(second.elements().slice(from, input.count()));
          MemorySegment wantSigns =
              signs == null
                  ? null
                  : MemorySegment.ofArray(new byte[(int) input.count() / Byte.SIZE]);
          reference.epilogue(rule(from), matrix(input), bias, residual, matrix(want), wantSigns);
          if (signs != null && signs(from, input.count()).mismatch(wantSigns) >= 0) {
            throw new IllegalStateException("wrong sign bits from element " + from + " on");
          }
        });
    tensors.check(
        this::gradient,
        (from, input, want) -> {
          long count = input.count();
          HostMatrix product = product(matrix(second.elements().slice(from, count)));
          long groups = Epilogue.groups(count / COLUMNS);
          HostMatrix wantSums = matrix(Elements.of(new float[(int) groups * COLUMNS]));
          reference.epilogueGradient(
              rule(from), matrix(input), product, bias, signs(from, count), matrix(want), wantSums);
          long firstGroup = from / COLUMNS / Epilogue.GROUP_ROWS;
          if (sums.rows(firstGroup, groups).span().segment().mismatch(wantSums.span().segment())
              >= 0) {
            throw new IllegalStateException("wrong sums from element " + from + " on");
          }
        });
  }
}
