package io.github.jdropout.parity;

import io.github.jdropout.parity.CaseResult.Difference;
import io.github.jdropout.parity.reference.ReferenceEpilogue;
import io.github.jdropout.parity.reference.ReferenceRows;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Runs the gradients of the ends of layers. */
final class GradientRunner implements CaseRunner {
  @Override
  public CaseResult run(ParityCase given, Subject subject, Workspace workspace, Threads threads) {
    LayerCase layer = new LayerCase(given, workspace);
    boolean hasBias = given.is(CaseField.BIAS);
    MemorySegment gradients = layer.numbers(LayerCase.GRADIENT);
    MemorySegment products = layer.numbers(LayerCase.PRODUCT);
    MemorySegment biases = hasBias ? layer.numbers(LayerCase.BIAS, layer.columns) : null;
    Guarded gradOutput = layer.matrix(gradients);
    Guarded product = layer.activation.needsProduct() ? layer.matrix(products) : null;
    Guarded bias = layer.copy(biases);
    Guarded signs =
        layer.activation == Activation.RELU ? layer.copyBytes(layer.signs(products, biases)) : null;
    boolean isOverProduct = given.over() == Over.PRODUCT && product != null;
    Guarded gradProduct =
        isOverProduct ? product : given.over() == Over.GRADIENT ? gradOutput : layer.poisoned();
    long groups = Epilogue.groups(layer.rows);
    Guarded sums =
        given.place().allocate(workspace, ElementType.F32, groups * layer.columns * Float.BYTES);
    call(given, subject, threads, layer, gradOutput, product, bias, signs, gradProduct, sums);

    float[][] expected = new float[layer.rows][];
    MemorySegment rounded = workspace.memory(gradients.byteSize());
    layer.forEachRow(row -> {
      expected[row] =
          layer.reference.gradients(
              layer.arguments(products, biases, row), layer.kept(row), layer.row(gradients, row));
      ReferenceRows.write(layer.type, expected[row], rounded, (long) row * layer.columns);
    });
    MemorySegment expectedSums = workspace.memory(sums.memory().byteSize());
    BiasRunner.write(ReferenceEpilogue.groupSums(expected, layer.columns), expectedSums);
    Optional<Difference> difference =
        layer
            .compare(rounded, gradProduct, "")
            .or(() -> layer.canaries(gradProduct, "gradient"))
            .or(() ->
                Checks.compare(
                    ElementType.F32, expectedSums, sums.memory(), null, false, "sums of 32 rows"))
            .or(() -> Checks.canaries(sums, Float.BYTES, "sums"));
    if (gradProduct != gradOutput) {
      difference = difference.or(() -> layer.unmodified(gradients, gradOutput, "gradient"));
    }
    if (product != null && gradProduct != product) {
      difference = difference.or(() -> layer.unmodified(products, product, "product"));
    }
    return new CaseResult(difference.or(() -> layer.checkSmall(biases, bias, products, signs)), 0);
  }

  private static void call(
      ParityCase given,
      Subject subject,
      Threads threads,
      LayerCase layer,
      Guarded gradOutputMemory,
      Guarded productMemory,
      Guarded biasMemory,
      Guarded signMemory,
      Guarded gradProductMemory,
      Guarded sumMemory) {
    HostMatrix gradOutput = layer.host(gradOutputMemory);
    HostMatrix product = layer.host(productMemory);
    HostMatrix gradProduct =
        gradProductMemory == gradOutputMemory
            ? gradOutput
            : gradProductMemory == productMemory ? product : layer.host(gradProductMemory);
    Elements bias = layer.elements(biasMemory);
    MemorySegment signs = signMemory == null ? null : signMemory.memory();
    HostMatrix sums =
        Matrix.of(ElementType.F32, sumMemory.memory(), Epilogue.groups(layer.rows), layer.columns);
    threads.run(
        given.threads(),
        () ->
            subject
                .epilogues()
                .epilogueGradient(
                    layer.epilogue, gradOutput, product, bias, signs, gradProduct, sums));
  }
}
