package io.github.jdropout.backend.cuda.driver;

/** The constants of {@code cuda.h} that bindings and their callers need, named as there. */
public final class CudaConstants {
  public static final int CUDA_SUCCESS = 0;
  public static final int CUDA_ERROR_INVALID_VALUE = 1;
  public static final int CUDA_ERROR_NO_DEVICE = 100;
  public static final int CUDA_ERROR_NOT_SUPPORTED = 801;
  public static final int CUDA_ERROR_UNKNOWN = 999;

  public static final int CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16;
  public static final int CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE = 36;
  public static final int CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH = 37;
  public static final int CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE = 38;
  public static final int CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75;
  public static final int CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76;

  public static final int CU_MEMORYTYPE_DEVICE = 2;

  public static final int CU_STREAM_NON_BLOCKING = 1;
  public static final int CU_EVENT_DEFAULT = 0;
  public static final int CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1;

  public static final int CU_JIT_ERROR_LOG_BUFFER = 5;
  public static final int CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6;

  public static final int CU_POINTER_ATTRIBUTE_CONTEXT = 1;
  public static final int CU_POINTER_ATTRIBUTE_MEMORY_TYPE = 2;
  public static final int CU_POINTER_ATTRIBUTE_IS_MANAGED = 8;
  public static final int CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL = 9;
  public static final int CU_POINTER_ATTRIBUTE_RANGE_START_ADDR = 11;
  public static final int CU_POINTER_ATTRIBUTE_RANGE_SIZE = 12;

  private CudaConstants() {}
}
