package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.backend.cuda.CudaDevice;

/** What the figures depend on besides the code, as far as the driver and the JVM know. */
final class GpuMachine {
  private GpuMachine() {}

  static void describe(Gpu gpu, ObjectNode node) {
    CudaDevice device = gpu.device();
    node.put("device", device.name());
    node.put("computeCapability", device.computeCapability());
    node.put("memoryBytes", device.memoryBytes());
    node.put("multiprocessors", device.multiprocessors());
    node.put("cacheBytes", device.cacheBytes());
    node.put("memoryClockKhz", device.memoryClockKhz());
    node.put("memoryBusBits", device.memoryBusBits());
    // 0 where the driver does not tell the clock.
    node.put("theoreticalBytesPerSecond", device.theoreticalBandwidth());
    node.put("driverCuda", gpu.driverVersion());
    node.put(
        "jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    node.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    node.put("processors", Runtime.getRuntime().availableProcessors());
  }
}
