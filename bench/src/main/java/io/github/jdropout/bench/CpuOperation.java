package io.github.jdropout.bench;

import io.github.jdropout.spec.ElementType;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a CPU is timed at, and the benchmark that does it. */
public enum CpuOperation {
  FORWARD("forward", ForwardBenchmark.class, "forward"),
  DL4J_OPERATION("forward", Dl4jBenchmark.class, "operation"),
  DL4J_LAYER("forward", Dl4jBenchmark.class, "layer"),
  BACKWARD("backward", ForwardBenchmark.class, "backward"),
  FORWARD_AND_BACKWARD("forward and backward", ForwardBenchmark.class, "forwardAndBackward"),
  IN_PLACE("in place", ForwardBenchmark.class, "inPlace"),
  INFER("infer", ForwardBenchmark.class, "infer"),
  MASK("mask", MaskBenchmark.class, "mask"),
  APPLY_MASK("apply mask", ApplyMaskBenchmark.class, "applyMask"),
  VARIATIONAL("variational", SharedMaskBenchmark.class, "forward", "sharing"),
  SPATIAL("spatial", SharedMaskBenchmark.class, "forward", "sharing"),
  EPILOGUE_IDENTITY("epilogue identity", "forward", "IDENTITY"),
  EPILOGUE_RELU("epilogue relu", "forward", "RELU"),
  EPILOGUE_GELU("epilogue gelu", "forward", "GELU"),
  EPILOGUE_GELU_TANH("epilogue gelu tanh", "forward", "GELU_TANH"),
  EPILOGUE_SILU("epilogue silu", "forward", "SILU"),
  GRADIENT_IDENTITY("epilogue gradient identity", "gradient", "IDENTITY"),
  GRADIENT_RELU("epilogue gradient relu", "gradient", "RELU"),
  GRADIENT_GELU("epilogue gradient gelu", "gradient", "GELU"),
  GRADIENT_GELU_TANH("epilogue gradient gelu tanh", "gradient", "GELU_TANH"),
  GRADIENT_SILU("epilogue gradient silu", "gradient", "SILU"),
  SMALL_ARRAYS("small arrays", SmallCallBenchmark.class, "arrays"),
  SMALL_VIEWS("small views", SmallCallBenchmark.class, "views"),
  NO_ELEMENTS("no elements", SmallCallBenchmark.class, "empty");

  private final String label;
  private final Class<?> benchmark;
  private final String method;

  /** Name of the parameter that chooses this of the method's operations; empty for none. */
  private final String param;

  private final String value;

  CpuOperation(String label, Class<?> benchmark, String method) {
    this(label, benchmark, method, "", "");
  }

  CpuOperation(String label, String method, String activation) {
    this(label, EpilogueBenchmark.class, method, "activation", activation);
  }

  CpuOperation(String label, Class<?> benchmark, String method, String param) {
    this(label, benchmark, method, param, label.toUpperCase(Locale.ROOT));
  }

  CpuOperation(String label, Class<?> benchmark, String method, String param, String value) {
    this.label = label;
    this.benchmark = benchmark;
    this.method = method;
    this.param = param;
    this.value = value;
  }

  /** Returns the operation's name, which a peer's equal operation has, too. */
  public String label() {
    return label;
  }

  Class<?> benchmark() {
    return benchmark;
  }

  String method() {
    return method;
  }

  /** Returns the parameters of the benchmark that choose this operation. */
  Map<String, String> params() {
    return param.isEmpty() ? Map.of() : Map.of(param, value);
  }

  /** Returns who does it, where that is a peer in this process; empty for a backend. */
  String peer() {
    return switch (this) {
      case DL4J_OPERATION -> "DL4J";
      case DL4J_LAYER -> "DL4J layer";
      default -> "";
    };
  }

  boolean isPeer() {
    return benchmark == Dl4jBenchmark.class;
  }

  /** Returns whether there is a tensor of one of several types and places. */
  boolean hasTensors() {
    return !isPeer() && !isSmall() && this != MASK;
  }

  boolean isSmall() {
    return benchmark == SmallCallBenchmark.class;
  }

  Set<ElementType> types() {
    if (!hasTensors()) {
      return EnumSet.of(ElementType.F32);
    }
    return benchmark == EpilogueBenchmark.class
        ? EnumSet.complementOf(EnumSet.of(ElementType.F64))
        : EnumSet.allOf(ElementType.class);
  }

  /** Returns what a number of elements must be a multiple of. */
  int multiple() {
    return benchmark == SharedMaskBenchmark.class
        ? 4096
        : benchmark == EpilogueBenchmark.class ? 1024 : 1;
  }

  /** Returns how many tensors and copied tensors a case has at most, in terms of its own. */
  int tensorsAtMost() {
    return switch (this) {
      case FORWARD_AND_BACKWARD -> 8;
      case DL4J_LAYER, DL4J_OPERATION -> 6;
      default -> benchmark == EpilogueBenchmark.class ? 7 : 5;
    };
  }

  /** Returns the labels, each once. */
  public static Set<String> labels() {
    return new TreeSet<>(Arrays.stream(values()).map(CpuOperation::label).toList());
  }
}
