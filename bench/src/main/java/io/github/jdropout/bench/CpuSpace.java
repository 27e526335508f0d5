package io.github.jdropout.bench;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.ElementType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All combinations of some operations, backends, types and so on that there are. */
record CpuSpace(
    List<CpuOperation> operations,
    List<BackendId> backends,
    List<ElementType> types,
    List<Storage> storages,
    List<Long> sizes,
    List<Double> probabilities,
    List<Integer> threads) {

  /** A benchmark's sizes are of type int. */
  private static final long MAX_ELEMENTS = 1L << 30;

  /** Returns the cases, those that differ in what comes last next to each other. */
  Set<CpuCase> cases() {
    Set<CpuCase> cases = new LinkedHashSet<>();
    for (int count : threads) {
      for (double p : probabilities) {
        for (CpuOperation operation : operations) {
          for (ElementType type : types) {
            if (operation.types().contains(type)) {
              addSizes(operation, type, p, count, cases);
            }
          }
        }
      }
    }
    return cases;
  }

  private void addSizes(
      CpuOperation operation, ElementType type, double p, int count, Set<CpuCase> cases) {
    if (operation.isSmall()) {
      int elements = operation == CpuOperation.NO_ELEMENTS ? 0 : SmallCallBenchmark.SIZE;
      backends.forEach(backend ->
          cases.add(new CpuCase(operation, backend, type, Storage.ARRAY, elements, p, 0)));
      return;
    }
    for (long elements : sizes) {
      if (elements % operation.multiple() == 0 && elements <= MAX_ELEMENTS) {
        for (Storage storage : storages(operation)) {
          for (BackendId backend : backends(operation)) {
            cases.add(new CpuCase(operation, backend, type, storage, elements, p, count));
          }
        }
      }
    }
  }

  private List<Storage> storages(CpuOperation operation) {
    return operation.isPeer()
        ? List.of(Storage.NATIVE)
        : operation.hasTensors() ? storages : List.of(Storage.ARRAY);
  }

  /** A peer has no backend; one of ours stands in for it. */
  private List<BackendId> backends(CpuOperation operation) {
    return operation.isPeer() ? List.of(BackendId.SCALAR) : backends;
  }

  /** Returns the operations with one of the labels, peers' among them. */
  static List<CpuOperation> named(List<String> labels) {
    List<CpuOperation> found = new ArrayList<>();
    for (CpuOperation operation : CpuOperation.values()) {
      if (labels.contains(operation.label())) {
        found.add(operation);
      }
    }
    return found;
  }
}
