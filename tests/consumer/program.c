/* Tells how long a model was trained: reads one number from the checkpoint given. */
#include <inttypes.h>
#include <stdio.h>
#include <tfckpt/tfckpt.h>

int main(int argc, char **argv) {
    tfckpt_reader *reader = NULL;
    tfckpt_error *error = NULL;
    int64_t step = 0;
    if (argc != 2) return 2;
    bool ok = !tfckpt_reader_open(argv[1], NULL, &reader, &error) &&
              !tfckpt_reader_read(reader, "global_step", 11, NULL, &step, sizeof step, &error);
    if (ok) printf("tfckpt %s: step %" PRId64 "\n", tfckpt_version(), step);
    else fprintf(stderr, "%s\n", tfckpt_error_message(error));

    tfckpt_reader_free(reader);
    tfckpt_error_free(error);
    return ok ? 0 : 1;
}
