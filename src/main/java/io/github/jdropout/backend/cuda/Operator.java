package io.github.jdropout.backend.cuda;

import io.github.jdropout.spec.ElementType;
import java.util.EnumSet;
import java.util.Set;

/** The files of {@code cuda/} and the kernels in them. */
enum Operator {
  FORWARD("dropout_forward", "dropout_forward", true),
  SHARED("dropout_shared", "dropout_forward_shared", true),
  APPLY("dropout_apply", "dropout_apply", true),
  SCALE("dropout_scale", "dropout_scale", true),
  MASK("dropout_mask", "dropout_mask", false),
  STREAM("dropout_stream", "dropout_advance_stream", false),
  EPILOGUE("dropout_epilogue", "dropout_epilogue", true),
  EPILOGUE_GRADIENT("dropout_epilogue_gradient", "dropout_epilogue_gradient", true),
  COLUMN_SUMS("dropout_column_sums", "dropout_column_sums", true),
  PRODUCT("dropout_product", "dropout_product", true),
  PRODUCT_GRAD_INPUT("dropout_product_grad_input", "dropout_product_grad_input", true),
  PRODUCT_GRAD_WEIGHTS("dropout_product_grad_weights", "dropout_product_grad_weights", true);

  /** Kernels of one operator at most: four types, each with a key of two origins. */
  static final int KERNELS = 2 * ElementType.values().length;

  private final String file;

  /** By {@link #index}: a launch makes no string. */
  @SuppressWarnings("ImmutableEnumChecker") // Never changed, and private.
  private final String[] kernels = new String[2 * ElementType.values().length];

  Operator(String file, String kernel, boolean isTyped) {
    this.file = file;
    for (ElementType type : ElementType.values()) {
      String name = kernel + (isTyped ? "_" + type.label() : "");
      kernels[index(type, false)] = name;
      kernels[index(type, true)] = name + "_device_key";
    }
  }

  /** Returns those that exist for all element types, and for memory without rows. */
  static Set<Operator> ofDropout() {
    return EnumSet.of(FORWARD, SHARED, APPLY, SCALE, MASK, STREAM);
  }

  /** Returns those of the ends of layers, which exist for f32, f16 and bf16. */
  static Set<Operator> ofLayers() {
    return EnumSet.of(EPILOGUE, EPILOGUE_GRADIENT, COLUMN_SUMS);
  }

  /** Returns those of dropped products, which exist for f16 and bf16 and not on all devices. */
  static Set<Operator> ofProducts() {
    return EnumSet.of(PRODUCT, PRODUCT_GRAD_INPUT, PRODUCT_GRAD_WEIGHTS);
  }

  /** Returns the name of the file without its ending. */
  String file() {
    return file;
  }

  /**
   * Returns the name of a kernel.
   *
   * @param type ignored where the operator has one kernel for all
   * @param hasDeviceKey whether it reads its key from device memory
   */
  String kernel(ElementType type, boolean hasDeviceKey) {
    return kernels[index(type, hasDeviceKey)];
  }

  /** Returns whether there are kernels that read their key from device memory. */
  boolean takesDeviceKey() {
    return switch (this) {
      case FORWARD, SHARED, MASK, EPILOGUE, EPILOGUE_GRADIENT -> true;
      case APPLY, SCALE, STREAM, COLUMN_SUMS, PRODUCT, PRODUCT_GRAD_INPUT, PRODUCT_GRAD_WEIGHTS ->
          false;
    };
  }

  /** Returns a number in [0, KERNELS) for each kernel of an operator. */
  static int index(ElementType type, boolean hasDeviceKey) {
    int place =
        switch (type) {
          case F32 -> 0;
          case F64 -> 2;
          case F16 -> 4;
          case BF16 -> 6;
        };
    return place + (hasDeviceKey ? 1 : 0);
  }
}
