package io.github.jdropout.contract;

import io.github.jdropout.backend.BackendId;

class ScalarContractTest extends DropoutContract {
  ScalarContractTest() {
    super(BackendId.SCALAR);
  }
}
