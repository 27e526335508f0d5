package io.github.jdropout.backend.cuda;

import static io.github.jdropout.testing.Messages.assertNullNamed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.testing.Backends;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams and graphs as objects: closing, and what is refused. */
class CudaStreamTest {
  private CudaDevice device;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
    device = CudaSupport.devices().getFirst();
  }

  @Test
  void closedStreamIsRefused() {
    CudaStream stream = CudaStream.create(device);
    assertNotEquals(0, stream.handle());
    assertEquals(device, stream.device());
    try (CudaGraph graph = stream.capture(() -> {})) {
      graph.launch(stream);
      stream.close();
      assertState("the stream has been closed", stream::handle);
      assertState("the stream has been closed", stream::synchronize);
      assertState("the stream has been closed", () -> stream.capture(() -> {}));
      assertState("the stream has been closed", () -> graph.launch(stream));
      assertState("the stream has been closed before", stream::close);
    }
  }

  @Test
  void closedGraphIsRefused() {
    try (CudaStream stream = CudaStream.create(device)) {
      CudaGraph graph = stream.capture(() -> {});
      graph.close();
      assertState("the graph has been closed", () -> graph.launch(stream));
      assertState("the graph has been closed before", graph::close);
    }
  }

  private static void assertState(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalStateException.class, call::run).getMessage());
  }

  @Test
  void nullsAreNamed() {
    assertNullNamed("device", () -> CudaStream.create(null));
    try (CudaStream stream = CudaStream.create(device);
        CudaGraph graph = stream.capture(() -> {})) {
      assertNullNamed("work", () -> stream.capture(null));
      assertNullNamed("stream", () -> graph.launch(null));
    }
  }

  /** What the work throws passes through, and the stream is as before. */
  @Test
  void captureThatFailsEnds() {
    try (CudaStream stream = CudaStream.create(device);
        DeviceBuffer buffer = DeviceBuffer.allocate(device, 4)) {
      ArithmeticException e =
          assertThrows(
              ArithmeticException.class,
              () ->
                  stream.capture(() -> {
                    throw new ArithmeticException("mine");
                  }));
      assertEquals("mine", e.getMessage());
      assertEquals(4, buffer.byteSize());
      stream.capture(() -> {}).close();
      stream.synchronize();
    }
  }

  @Test
  void nothingOfACaptureIsLeft() {
    RawDriver.assumeOnHost();
    long graphs = RawDriver.count("graphs");
    long executables = RawDriver.count("executables");
    try (CudaStream stream = CudaStream.create(device)) {
      assertThrows(
          ArithmeticException.class,
          () ->
              stream.capture(() -> {
                throw new ArithmeticException("mine");
              }));
      assertEquals(graphs, RawDriver.count("graphs"));
      RawDriver.fail("cuGraphInstantiateWithFlags", 1, 2);
      assertThrows(CudaException.class, () -> stream.capture(() -> {}));
      assertEquals(graphs, RawDriver.count("graphs"));
      CudaGraph graph = stream.capture(() -> {});
      assertEquals(executables + 1, RawDriver.count("executables"));
      graph.close();
    }
    assertEquals(graphs, RawDriver.count("graphs"));
    assertEquals(executables, RawDriver.count("executables"));
  }
}
