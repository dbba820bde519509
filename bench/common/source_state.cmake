# Writes ${out}: the commit of the tree at ${root} and whether tracked files differ from it. Run before each build.
execute_process(COMMAND git -C ${root} rev-parse HEAD OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND git -C ${root} status --porcelain --untracked-files=no OUTPUT_VARIABLE differs ERROR_QUIET)
set(changed false)
if(differs)
  set(changed true)
endif()
file(CONFIGURE OUTPUT ${out} @ONLY
     CONTENT "constexpr const char* kBuiltCommit = \"@commit@\";\nconstexpr bool kBuiltChanged = @changed@;\n")
