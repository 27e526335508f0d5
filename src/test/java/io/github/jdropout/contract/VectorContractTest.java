package io.github.jdropout.contract;

import io.github.jdropout.backend.BackendId;

class VectorContractTest extends DropoutContract {
  VectorContractTest() {
    super(BackendId.VECTOR);
  }
}
