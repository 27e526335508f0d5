package io.github.jdropout.examples;

import io.github.jdropout.backend.cuda.CudaDropout;
import io.github.jdropout.backend.cuda.CudaGraph;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.DeviceKey;
import io.github.jdropout.spec.DeviceElements;

/** A step of training that is recorded once and draws a new mask each time it runs. */
final class GraphExample {
  static CudaGraph record(
      CudaDropout dropout,
      DeviceElements x,
      DeviceElements y,
      DeviceElements gradY,
      DeviceElements gradX,
      DeviceKey key,
      CudaStream stream) {
    dropout.prepare(x.type()); // nothing can be loaded while work is recorded
    return stream.capture(() -> {
      dropout.forward(x, y, key, 0, stream.handle());
      dropout.backward(gradY, gradX, key, 0, stream.handle());
      key.advance(1, stream.handle()); // the next run has the next stream
    });
  }

  private GraphExample() {}
}
