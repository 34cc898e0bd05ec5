# cmake -DOUTPUT=x.cpp -DNAME=variable "-DINPUTS=a;b" -P embed_text.cmake
# Writes a C++ file that holds the joined texts as conv::NAME, cut into pieces that every compiler
# takes as one string literal.
set(text "")
foreach(input IN LISTS INPUTS)
  file(READ "${input}" part)
  string(APPEND text "${part}\n")
endforeach()
string(LENGTH "${text}" length)
set(pieces "")
set(at 0)
while(at LESS length)
  string(SUBSTRING "${text}" ${at} 2000 piece)
  string(APPEND pieces "    R\"__(${piece})__\"\n")
  math(EXPR at "${at} + 2000")
endwhile()
file(WRITE "${OUTPUT}" "namespace conv {\nextern const char* const ${NAME};\nconst char* const ${NAME} =\n${pieces};\n}\n")
