package io.github.jdropout.cli.parity;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.Availability;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.ffm.FfmSupport;
import io.github.jdropout.backend.vector.VectorSupport;
import io.github.jdropout.gemm.cublas.CublasBindings;
import io.github.jdropout.parity.Implementation;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.function.Supplier;

/** Opens a variant in the JVM that was started for it. */
final class Implementations {
  private Implementations() {}

  /**
   * What there is.
   *
   * @param implementation empty if it cannot run here
   * @param description what it computes with, or why it cannot run
   * @param isSlow whether it is slower by orders of magnitude than on other machines
   */
  record Found(Optional<Implementation> implementation, String description, boolean isSlow) {
    private static Found nothing(String reason) {
      return new Found(Optional.empty(), reason, false);
    }

    private static Found of(Implementation implementation, String description) {
      return new Found(Optional.of(implementation), description, false);
    }
  }

  /**
   * Opens a variant.
   *
   * @param acceptsSlow whether it may be slow
   * @throws ReflectiveOperationException if a class of the user's cannot be used
   */
  static Found open(Variant variant, boolean acceptsSlow) throws ReflectiveOperationException {
    if (variant.source() == Variant.Source.CLASS) {
      return Found.of(supplied(variant), "class " + variant.subject());
    }
    BackendId id = BackendId.parse(variant.subject());
    Availability availability = availability(id);
    String description = availability.reason();
    if (!availability.isAvailable()) {
      return Found.nothing(description);
    }
    boolean isSlow = id == BackendId.VECTOR && !availability.isRecommended();
    if (isSlow && !acceptsSlow) {
      return Found.nothing(description);
    }
    Optional<String> missing = variant.missingIn(description);
    if (missing.isPresent()) {
      return Found.nothing(missing.get());
    }
    return switch (variant.source()) {
      case BACKEND ->
          new Found(Optional.of(Implementation.of(DropoutBackends.get(id))), description, isSlow);
      case DEVICE -> Found.of(Implementation.cuda(), description);
      case PRODUCTS -> {
        CublasBindings.Probe cublas = CublasBindings.select();
        yield cublas.library().isPresent()
            ? Found.of(Implementation.cuda(), cublas.reason())
            : Found.nothing(cublas.reason());
      }
      case CLASS -> throw new IllegalStateException("opened above");
    };
  }

  /** Asks this backend alone: the others need not be loaded here. */
  private static Availability availability(BackendId id) {
    return switch (id) {
      case SCALAR -> Availability.available("plain Java", 1);
      case VECTOR -> VectorSupport.probe();
      case FFM -> FfmSupport.probe();
      case CUDA -> CudaSupport.probe();
    };
  }

  private static Implementation supplied(Variant variant) throws ReflectiveOperationException {
    Object supplier = created(variant.subject());
    if (supplier instanceof Supplier<?> of && of.get() instanceof Implementation implementation) {
      return implementation;
    }
    throw new IllegalArgumentException(variant.subject() + " supplies no Implementation");
  }

  /** Throws what the constructor throws, and not that it threw something. */
  private static Object created(String className) throws ReflectiveOperationException {
    try {
      return Class.forName(className).getConstructor().newInstance();
    } catch (InvocationTargetException e) {
      switch (e.getCause()) {
        case RuntimeException unchecked -> throw unchecked;
        case Error error -> throw error;
        default ->
            throw new IllegalArgumentException(
                "the constructor of " + className + " threw " + e.getCause(), e.getCause());
      }
    }
  }

  /**
   * Checks that a class can be asked for an implementation.
   *
   * @throws IllegalArgumentException if it cannot
   */
  static void checkClass(String className) {
    try {
      Class<?> named =
          Class.forName(className, false, Thread.currentThread().getContextClassLoader());
      if (!Supplier.class.isAssignableFrom(named)) {
        throw new IllegalArgumentException(
            "implementation must be a class that implements "
                + Supplier.class.getName()
                + " but is "
                + className);
      }
    } catch (ClassNotFoundException | LinkageError e) {
      throw new IllegalArgumentException(
          "implementation must be a class on the class path but is " + className, e);
    }
  }
}
