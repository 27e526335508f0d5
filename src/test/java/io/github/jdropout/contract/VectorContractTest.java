package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import org.junit.jupiter.api.Test;

/** The build runs this at every width; a width that the processor lacks is slow but exact. */
class VectorContractTest extends DropoutContract {
  VectorContractTest() {
    super(BackendId.VECTOR);
  }

  @Test
  void widthIsTheOneAskedFor() {
    String bits = System.getProperty("jdropout.vector.bits");
    assumeTrue(bits != null, "-Djdropout.vector.bits is absent, so no width was asked for");
    assertEquals(
        bits + "-bit vectors of jdk.incubator.vector",
        DropoutBackends.get(BackendId.VECTOR).description());
  }
}
