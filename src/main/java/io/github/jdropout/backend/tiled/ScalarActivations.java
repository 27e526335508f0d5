package io.github.jdropout.backend.tiled;

import io.github.jdropout.spec.Activation;

/** {@link ActivationFunctions} on arrays, one number at a time. */
public final class ScalarActivations {
  private ScalarActivations() {}

  /** Replaces the first values by the activation at them; not for identity and ReLU. */
  public static void activation(Activation activation, float[] values, int count) {
    switch (activation) {
      case GELU -> {
        for (int i = 0; i < count; i++) {
          values[i] = ActivationFunctions.gelu(values[i]);
        }
      }
      case GELU_TANH -> {
        for (int i = 0; i < count; i++) {
          values[i] = ActivationFunctions.geluTanh(values[i]);
        }
      }
      case SILU -> {
        for (int i = 0; i < count; i++) {
          values[i] = ActivationFunctions.silu(values[i]);
        }
      }
      case IDENTITY, RELU -> throw new IllegalArgumentException(activation.label());
    }
  }

  /** Replaces the first values by the activation's derivative at them. */
  public static void derivative(Activation activation, float[] values, int count) {
    switch (activation) {
      case GELU -> {
        for (int i = 0; i < count; i++) {
          values[i] = ActivationFunctions.geluDerivative(values[i]);
        }
      }
      case GELU_TANH -> {
        for (int i = 0; i < count; i++) {
          values[i] = ActivationFunctions.geluTanhDerivative(values[i]);
        }
      }
      case SILU -> {
        for (int i = 0; i < count; i++) {
          values[i] = ActivationFunctions.siluDerivative(values[i]);
        }
      }
      case IDENTITY, RELU -> throw new IllegalArgumentException(activation.label());
    }
  }
}
