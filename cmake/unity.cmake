# With -DCMAKE_UNITY_BUILD=ON, as the scripts say, the sources of a folder are compiled as one
# (docs/decisions/0032-a-folder-is-compiled-as-one.md).
function(conv_unite_folders target)
  get_target_property(sources ${target} SOURCES)
  foreach(source ${sources})
    if(source MATCHES "^(app|lib)/")
      get_filename_component(folder ${source} DIRECTORY)
      string(REPLACE "/" "_" folder ${folder})
      set_property(SOURCE ${source} PROPERTY UNITY_GROUP ${folder})
    endif()
  endforeach()
  set_property(TARGET ${target} PROPERTY UNITY_BUILD_MODE GROUP)
endfunction()
