package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.testing.Backends;
import org.junit.jupiter.api.BeforeAll;

/**
 * The build runs this with the kernels on the host, through both bindings and with launches of
 * several shapes, and once with a real GPU where there is one.
 */
class CudaContractTest extends DropoutContract {
  CudaContractTest() {
    super(BackendId.CUDA);
  }

  @BeforeAll
  static void bindingIsTheOneAskedFor() {
    Backends.assumeAvailable(BackendId.CUDA);
    String binding = System.getProperty("jdropout.cuda.binding");
    if (binding != null) {
      String description = DropoutBackends.get(BackendId.CUDA).description();
      String expected = binding.equals("jcuda") ? "JCuda" : "java.lang.foreign";
      assertTrue(description.contains(expected), description);
    }
  }

  /** Where host memory lies does not reach the kernels; for large calls one place must do. */
  @Override
  Storage[] storages(int size) {
    return size < 2000 ? super.storages(size) : new Storage[] {Storage.NATIVE_ODD};
  }
}
