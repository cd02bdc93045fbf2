// Undefined behaviour ends the program, as a broken promise does.
extern "C" const char* __ubsan_default_options() { return "halt_on_error=1:print_stacktrace=1"; }
