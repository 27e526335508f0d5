package io.github.jdropout.parity;

import io.github.jdropout.parity.CaseResult.Difference;
import io.github.jdropout.parity.reference.ReferenceRows;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MatrixShape;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Runs the ends of layers. */
final class EpilogueRunner implements CaseRunner {
  @Override
  public CaseResult run(ParityCase given, Subject subject, Workspace workspace, Threads threads) {
    LayerCase layer = new LayerCase(given, workspace);
    boolean hasBias = given.is(CaseField.BIAS);
    boolean hasResidual = given.is(CaseField.RESIDUAL);
    MemorySegment products = layer.numbers(LayerCase.PRODUCT);
    MemorySegment biases = hasBias ? layer.numbers(LayerCase.BIAS, layer.columns) : null;
    MemorySegment residuals = hasResidual ? layer.numbers(LayerCase.RESIDUAL) : null;
    Guarded product = layer.matrix(products);
    Guarded residual = hasResidual ? layer.matrix(residuals) : null;
    Guarded bias = layer.copy(biases);
    Guarded output =
        switch (given.over()) {
          case PRODUCT -> product;
          case RESIDUAL -> residual;
          default -> layer.poisoned();
        };
    MatrixShape size = MatrixShape.of(layer.rows, layer.columns);
    Guarded signs =
        layer.activation == Activation.RELU
            ? given.place().allocate(workspace, null, Epilogue.signBytes(size))
            : null;
    call(given, subject, threads, layer, product, bias, residual, output, signs);
    MemorySegment outputs = workspace.memory(products.byteSize());
    layer.forEachRow(row -> {
      float[] values =
          layer.reference.outputs(
              layer.arguments(products, biases, row), layer.kept(row), layer.row(residuals, row));
      ReferenceRows.write(layer.type, values, outputs, (long) row * layer.columns);
    });
    Optional<Difference> difference =
        layer.compare(outputs, output, "").or(() -> layer.canaries(output, "output"));
    if (output != product) {
      difference = difference.or(() -> layer.unmodified(products, product, "product"));
    }
    if (residual != null && output != residual) {
      difference = difference.or(() -> layer.unmodified(residuals, residual, "residual"));
    }
    return new CaseResult(difference.or(() -> layer.checkSmall(biases, bias, products, signs)), 0);
  }

  private static void call(
      ParityCase given,
      Subject subject,
      Threads threads,
      LayerCase layer,
      Guarded productMemory,
      Guarded biasMemory,
      Guarded residualMemory,
      Guarded outputMemory,
      Guarded signMemory) {
    HostMatrix product = layer.host(productMemory);
    HostMatrix residual = layer.host(residualMemory);
    HostMatrix output =
        outputMemory == productMemory
            ? product
            : outputMemory == residualMemory ? residual : layer.host(outputMemory);
    Elements bias = layer.elements(biasMemory);
    MemorySegment signs = signMemory == null ? null : signMemory.memory();
    threads.run(
        given.threads(),
        () -> subject.epilogues().epilogue(layer.epilogue, product, bias, residual, output, signs));
  }
}
