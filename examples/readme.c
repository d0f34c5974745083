#include <stdio.h>
#include <tfckpt/tfckpt.h>

int main(void) {
    tfckpt_reader *reader = NULL;
    tfckpt_error *error = NULL;
    float kernel[2][3];
    bool ok = !tfckpt_reader_open("model/ckpt-1", NULL, &reader, &error) &&
              !tfckpt_reader_read(reader, "dense/kernel", 12, NULL, kernel, sizeof kernel, &error);
    if (ok) printf("%g\n", kernel[1][2]);
    else fprintf(stderr, "%s\n", tfckpt_error_message(error));

    tfckpt_reader_free(reader);
    tfckpt_error_free(error);
    return ok ? 0 : 1;
}
