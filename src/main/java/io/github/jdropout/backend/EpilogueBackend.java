package io.github.jdropout.backend;

import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import java.lang.foreign.MemorySegment;

/**
 * One way of evaluating the epilogues of layers, on the CPU.
 *
 * <p>Arguments arrive checked: all matrices have one size and one type of f32, f16 and bf16, memory
 * is alive and long enough, and an output is an input's very place or disjoint from it. Every
 * backend returns the same bits. Implementations are safe for use by several threads and return
 * when the output is complete.
 */
public interface EpilogueBackend {
  /**
   * Writes {@code residual + dropout(activation(product + bias))}.
   *
   * @param bias one number per column, of the matrices' type; null for none
   * @param residual null for none
   * @param output may be the place of {@code product} or {@code residual}
   * @param signs receives {@link Epilogue#signBytes} bytes, for ReLU; null for none
   */
  void epilogue(
      Epilogue epilogue,
      HostMatrix product,
      Elements bias,
      HostMatrix residual,
      HostMatrix output,
      MemorySegment signs);

  /**
   * Writes the gradient with respect to the product, and the first step of the bias's.
   *
   * @param product of the forward pass, for activations that need it; else null
   * @param bias of the forward pass; null for none
   * @param signs of the forward pass, for ReLU; else null
   * @param gradProduct may be the place of {@code gradOutput} or {@code product}
   * @param groupSums f32, {@link Epilogue#groups} rows without gaps: receives the sums over each 32
   *     rows of the unrounded gradient; null for none
   */
  void epilogueGradient(
      Epilogue epilogue,
      HostMatrix gradOutput,
      HostMatrix product,
      Elements bias,
      MemorySegment signs,
      HostMatrix gradProduct,
      HostMatrix groupSums);
}
