# Write a file as an array of bytes in C.
#
# usage: cmake -D IN=FILE -D OUT=FILE.c -D NAME=NAME -D HEADER=HEADER -P embed.cmake

file(READ ${IN} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
# A line of source for each 16 bytes.
string(REPEAT "[0-9a-f]" 32 line)
string(REGEX REPLACE "(${line})" "\\1\n    " hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
file(WRITE ${OUT} "#include \"${HEADER}\"\n\n"
     "const unsigned char ${NAME}[] = {\n    ${hex}\n};\n\n"
     "const size_t ${NAME}_size = ${size};\n")
