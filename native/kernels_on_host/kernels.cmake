# The kernels of this project, source by source: SOURCE:KERNEL,KERNEL,... A new source is a new line.
set(JDROPOUT_KERNELS
  dropout_apply.cu:dropout_apply_f32,dropout_apply_f64,dropout_apply_f16,dropout_apply_bf16
  dropout_column_sums.cu:dropout_column_sums_f32,dropout_column_sums_f16,dropout_column_sums_bf16
  dropout_epilogue.cu:dropout_epilogue_f32,dropout_epilogue_f16,dropout_epilogue_bf16,dropout_epilogue_f32_device_key,dropout_epilogue_f16_device_key,dropout_epilogue_bf16_device_key
  dropout_epilogue_gradient.cu:dropout_epilogue_gradient_f32,dropout_epilogue_gradient_f16,dropout_epilogue_gradient_bf16,dropout_epilogue_gradient_f32_device_key,dropout_epilogue_gradient_f16_device_key,dropout_epilogue_gradient_bf16_device_key
  dropout_forward.cu:dropout_forward_f32,dropout_forward_f64,dropout_forward_f16,dropout_forward_bf16,dropout_forward_f32_device_key,dropout_forward_f64_device_key,dropout_forward_f16_device_key,dropout_forward_bf16_device_key
  dropout_mask.cu:dropout_mask,dropout_mask_device_key
  dropout_product.cu:dropout_product_f16,dropout_product_bf16
  dropout_product_grad_input.cu:dropout_product_grad_input_f16,dropout_product_grad_input_bf16
  dropout_product_grad_weights.cu:dropout_product_grad_weights_f16,dropout_product_grad_weights_bf16
  dropout_scale.cu:dropout_scale_f32,dropout_scale_f64,dropout_scale_f16,dropout_scale_bf16
  dropout_shared.cu:dropout_forward_shared_f32,dropout_forward_shared_f64,dropout_forward_shared_f16,dropout_forward_shared_bf16,dropout_forward_shared_f32_device_key,dropout_forward_shared_f64_device_key,dropout_forward_shared_f16_device_key,dropout_forward_shared_bf16_device_key
  dropout_stream.cu:dropout_advance_stream
)

# kernels_on_host_library(NAME FOLDER KERNELS_FOLDER KERNELS...): builds FOLDER/libcuda.so.1 with
# these kernels from this folder.
function(kernels_on_host_library name folder kernels_folder)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${name})
  set(sources)
  set(declarations)
  set(tables)
  set(count 0)
  foreach(line IN LISTS ARGN)
    string(REGEX MATCH "^([^:]+):(.+)$" matched ${line})
    set(source ${kernels_folder}/${CMAKE_MATCH_1})
    string(REGEX REPLACE "([A-Za-z0-9_]+),?" "KERNEL(\\1), " kernels ${CMAKE_MATCH_2})
    get_filename_component(stem ${CMAKE_MATCH_1} NAME_WE)

    configure_file(${PROJECT_SOURCE_DIR}/src/kernels_of_source.cpp.in ${generated}/${stem}.cpp @ONLY)
    list(APPEND sources ${generated}/${stem}.cpp)
    string(APPEND declarations "extern const Kernels kernels_of_${stem};\n")
    string(APPEND tables "&kernels_of_${stem}, ")
    math(EXPR count "${count} + 1")
  endforeach()
  configure_file(${PROJECT_SOURCE_DIR}/src/compiled_kernels.cpp.in
    ${generated}/compiled_kernels.cpp @ONLY)

  # Calls into src/access_check.cpp wherever a kernel touches memory. The sanitizers' own runtimes
  # are not linked.
  set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS
    "-O2;-fno-tree-vectorize;-fsanitize=thread;-fsanitize=alignment;-include;cuda_on_host.h;-Wno-unknown-pragmas;-Wno-sign-conversion;-Wno-shadow")

  add_library(${name} SHARED ${driver_objects} ${sources}
    ${generated}/compiled_kernels.cpp)
  target_include_directories(${name} PRIVATE
    ${PROJECT_SOURCE_DIR}/shim ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/../include
    ${kernels_folder})
  target_link_libraries(${name} PRIVATE kernels_on_host_options Threads::Threads ${CMAKE_DL_LIBS})
  # The standard library's templates are not to be seen outside either.
  set(exports ${PROJECT_SOURCE_DIR}/src/exports.map)
  target_link_options(${name} PRIVATE
    -Wl,-z,defs -Wl,-soname,libcuda.so.1 -Wl,--version-script=${exports})
  set_target_properties(${name} PROPERTIES LINK_DEPENDS ${exports}
    OUTPUT_NAME cuda SUFFIX .so.1 NO_SONAME ON LIBRARY_OUTPUT_DIRECTORY ${folder})
endfunction()
