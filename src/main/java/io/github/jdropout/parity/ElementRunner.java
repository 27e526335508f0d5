package io.github.jdropout.parity;

import io.github.jdropout.parity.CaseResult.Difference;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.parity.reference.ReferenceDropout;
import io.github.jdropout.parity.reference.ReferenceMask;
import io.github.jdropout.parity.reference.ReferenceShape;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.spec.Scaling;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Runs the operations from elements to elements. */
final class ElementRunner implements CaseRunner {
  @Override
  public CaseResult run(ParityCase given, Subject subject, Workspace workspace, Threads threads) {
    ElementType type = given.type().orElseThrow();
    long byteSize = given.elements() * type.bytes();
    MemorySegment source = workspace.memory(byteSize);
    given.values().fill(workspace, type, source, (int) given.elements());
    Place place = given.place();
    Guarded input = place.allocate(workspace, type, byteSize);
    input.memory().copyFrom(source);
    boolean isInPlace = given.operation() == Operation.IN_PLACE;
    Guarded output = isInPlace ? input : place.allocate(workspace, type, byteSize);
    MemorySegment bits = bits(given, workspace);
    Guarded mask = null;
    if (given.operation() == Operation.APPLY_MASK) {
      mask = place.allocate(workspace, null, PackedMask.bytesFor(given.elements()));
      mask.memory().copyFrom(bits.asSlice(0, mask.memory().byteSize()));
    }
    call(given, subject, threads, input, output, mask);
    MemorySegment expected = workspace.memory(byteSize);
    ReferenceDropout reference = reference(given, type, workspace);
    // At p = 1 a given mask has no say.
    if (given.operation() == Operation.APPLY_MASK && given.spec().p() == 1) {
      bits.fill((byte) 0);
    }
    Slices.run(given.elements(), (from, to) -> reference.fill(bits, source, expected, from, to));
    boolean isExact = isCopy(given);
    if (isExact) {
      expected.copyFrom(source);
    }
    Optional<Difference> difference =
        Checks.compare(type, expected, output.memory(), source, isExact, "")
            .or(() -> Checks.canaries(output, type.bytes(), "output"));
    if (!isInPlace) {
      difference = difference.or(() -> Checks.unmodified(type, source, input, "input"));
    }
    return new CaseResult(difference, 0);
  }

  private static void call(
      ParityCase given,
      Subject subject,
      Threads threads,
      Guarded inputMemory,
      Guarded outputMemory,
      Guarded maskMemory) {
    DropoutSpec spec = given.spec();
    MaskKey key = given.key();
    long first = given.natural(CaseField.FIRST);
    ElementType type = given.type().orElseThrow();
    Elements input = Elements.of(type, inputMemory.memory());
    Elements output =
        outputMemory == inputMemory ? input : Elements.of(type, outputMemory.memory());
    threads.run(
        given.threads(),
        switch (given.operation()) {
          case BACKWARD -> () -> subject.backward(spec, key, first, input, output);
          case INFERENCE -> () -> subject.infer(spec, input, output);
          case SHARED_MASK -> {
            MaskShape shape = given.shape();
            yield () -> subject.forwardShared(spec, key, shape, first, input, output);
          }
          case APPLY_MASK -> {
            PackedMask mask = PackedMask.of(maskMemory.memory(), given.elements());
            yield () -> subject.applyMask(spec, mask, input, output);
          }
          default -> () -> subject.forward(spec, key, first, input, output);
        });
  }

  /** Returns the reference's mask; null where everything is kept. */
  private static MemorySegment bits(ParityCase given, Workspace workspace) {
    if (given.operation() == Operation.INFERENCE) {
      return null;
    }
    MaskKey key = given.key();
    long first = given.natural(CaseField.FIRST);
    int threshold = ReferenceMask.threshold(given.spec().p());
    MemorySegment bits = MaskRunner.words(workspace, given.elements());
    if (given.operation() == Operation.SHARED_MASK) {
      MaskShape shape = given.shape();
      new ReferenceShape(shape.tensorShape(), shape.maskShape())
          .fill(key.seed(), key.stream(), threshold, first, given.elements(), bits);
    } else {
      MaskRunner.fill(key, first, threshold, bits, given.elements());
    }
    return bits;
  }

  private static ReferenceDropout reference(
      ParityCase given, ElementType type, Workspace workspace) {
    DropoutSpec spec = given.spec();
    int threshold = ReferenceMask.threshold(spec.p());
    boolean isInverted = spec.scaling() == Scaling.INVERTED;
    if (given.operation() == Operation.INFERENCE) {
      double factor = isInverted ? 1 : threshold / 65536.0;
      return workspace.tables().reference(type, factor, (float) factor);
    }
    return isInverted && threshold != 0
        ? workspace
            .tables()
            .reference(
                type, ReferenceArithmetic.scale(threshold), ReferenceArithmetic.scaleF32(threshold))
        : workspace.tables().reference(type, 1, 1);
  }

  /** Returns whether the output has the input's bits, the payloads of NaNs included. */
  private static boolean isCopy(ParityCase given) {
    return switch (given.operation()) {
      case INFERENCE -> given.spec().scaling() == Scaling.INVERTED;
      case APPLY_MASK -> false;
      default -> given.spec().p() == 0;
    };
  }
}
