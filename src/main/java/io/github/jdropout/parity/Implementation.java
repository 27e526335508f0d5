package io.github.jdropout.parity;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.ffm.FfmSupport;
import io.github.jdropout.backend.scalar.ScalarKernels;
import io.github.jdropout.backend.vector.VectorKernels;
import io.github.jdropout.gemm.Gemm;
import io.github.jdropout.gemm.cpu.CpuGemm;
import io.github.jdropout.spec.BackendUnavailableException;
import io.github.jdropout.spec.ElementType;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * Something that computes dropout, to be held against the contract.
 *
 * <p>Immutable; as safe for use by several threads as what it stands for.
 */
public final class Implementation {
  private final String name;
  private final Subject subject;
  private final Set<Operation> operations;
  private final Set<ElementType> types;

  private Implementation(
      String name, Subject subject, Set<Operation> operations, Set<ElementType> types) {
    this.name = Objects.requireNonNull(name, "name");
    this.subject = subject;
    this.operations = Collections.unmodifiableSet(operations);
    this.types = Collections.unmodifiableSet(types);
  }

  static Implementation of(String name, Subject subject) {
    return new Implementation(name, subject, subject.operations(), subject.types());
  }

  /**
   * Returns a backend, under its label.
   *
   * <p>One of {@link DropoutBackends} brings the epilogues of layers along that belong to it, and
   * the products of matrices that its layers use, if there are any on this machine.
   */
  public static Implementation of(DropoutBackend backend) {
    Objects.requireNonNull(backend, "backend");
    EpilogueBackend epilogues = epilogues(backend);
    Gemm gemm = epilogues == null ? null : products();
    return of(backend.id().label(), new BackendSubject(backend, epilogues, gemm));
  }

  /** Returns null if it has none in the host's memory. */
  @SuppressWarnings("ReferenceEquality") // Another of the same id may have nothing to do with it.
  private static EpilogueBackend epilogues(DropoutBackend backend) {
    try {
      if (DropoutBackends.get(backend.id()) != backend) {
        return null;
      }
    } catch (BackendUnavailableException _) {
      return null;
    }
    return switch (backend.id()) {
      case SCALAR -> ScalarKernels.epilogues();
      case VECTOR -> VectorKernels.epilogues();
      case FFM -> FfmSupport.epilogues();
      case CUDA -> null;
    };
  }

  /** Returns null if there are none. */
  private static Gemm products() {
    try {
      return CpuGemm.open();
    } catch (BackendUnavailableException _) {
      return null;
    }
  }

  /**
   * Returns a function of one's own, for all types; {@link #only} says if it has fewer.
   *
   * @param name for reports
   */
  public static Implementation of(String name, DropoutFunction function) {
    Objects.requireNonNull(function, "function");
    return of(
        name,
        new FunctionSubject(
            function,
            EnumSet.of(Operation.FORWARD, Operation.IN_PLACE, Operation.MASK),
            EnumSet.allOf(ElementType.class)));
  }

  /**
   * Returns a function of one's own on arrays of float.
   *
   * @param name for reports
   */
  public static Implementation ofFloats(String name, DropoutFunction.OfFloats function) {
    Objects.requireNonNull(function, "function");
    DropoutFunction copying =
        (key, p, firstIndex, input, output) -> {
          float[] values = new float[(int) input.count()];
          input.read(0, values, values.length);
          float[] result = function.apply(key.seed(), key.stream(), firstIndex, p, values);
          if (result.length != values.length) {
            throw new IllegalStateException(
                name + " returned " + result.length + " elements for " + values.length);
          }
          output.write(0, result, result.length);
        };
    return of(
        name,
        new FunctionSubject(
            copying, EnumSet.of(Operation.FORWARD, Operation.MASK), EnumSet.of(ElementType.F32)));
  }

  /**
   * Returns what works on the memory of the first GPU; each call copies its operands there and
   * back.
   *
   * @throws BackendUnavailableException if no GPU can be used here
   */
  public static Implementation cuda() {
    return cuda(CudaSupport.devices().getFirst());
  }

  /** Returns what works on the memory of a GPU, see {@link #cuda()}. */
  public static Implementation cuda(CudaDevice device) {
    return of("cuda, device memory", new DeviceSubject(Objects.requireNonNull(device, "device")));
  }

  /**
   * Returns the same with fewer operations or types.
   *
   * @param chosenOperations those to check; others than its own are ignored
   * @param chosenTypes likewise
   */
  public Implementation only(Set<Operation> chosenOperations, Set<ElementType> chosenTypes) {
    EnumSet<Operation> fewer = EnumSet.noneOf(Operation.class);
    fewer.addAll(operations);
    fewer.retainAll(chosenOperations);
    EnumSet<ElementType> fewerTypes = EnumSet.noneOf(ElementType.class);
    fewerTypes.addAll(types);
    fewerTypes.retainAll(chosenTypes);
    return new Implementation(name, subject.only(fewerTypes), fewer, fewerTypes);
  }

  /** Returns the same under another name, such as {@code vector, 256 bits}. */
  public Implementation named(String newName) {
    return new Implementation(newName, subject, operations, types);
  }

  /** Returns the name for reports. */
  public String name() {
    return name;
  }

  /** Returns what it can do. */
  public Set<Operation> operations() {
    return operations;
  }

  /** Returns the types that it can do it on; operations of layers have no f64. */
  public Set<ElementType> types() {
    return types;
  }

  Subject subject() {
    return subject;
  }

  @Override
  public String toString() {
    return name;
  }
}
