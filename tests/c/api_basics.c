/* Versions, statuses, dtypes, errors. */
#include "api.h"

static void test_version(void) {
    char *version = text("%d.%d.%d", TFCKPT_VERSION_MAJOR, TFCKPT_VERSION_MINOR,
                         TFCKPT_VERSION_PATCH);
    testing("version");
    CHECK(strcmp(tfckpt_version(), version) == 0);
    CHECK(tfckpt_abi_version() == TFCKPT_ABI_VERSION);
    free(version);
}

static void test_status_names(void) {
    testing("status");
    static const struct {
        tfckpt_status status;
        const char *name;
    } all[] = {
        {TFCKPT_OK, "OK"},
        {TFCKPT_INVALID_ARGUMENT, "INVALID_ARGUMENT"},
        {TFCKPT_NOT_FOUND, "NOT_FOUND"},
        {TFCKPT_IO, "IO"},
        {TFCKPT_DATA_LOSS, "DATA_LOSS"},
        {TFCKPT_UNSUPPORTED, "UNSUPPORTED"},
        {TFCKPT_BUFFER_TOO_SMALL, "BUFFER_TOO_SMALL"},
        {TFCKPT_ALREADY_EXISTS, "ALREADY_EXISTS"},
        {TFCKPT_CANCELLED, "CANCELLED"},
        {TFCKPT_RESOURCE_LIMIT, "RESOURCE_LIMIT"},
        {TFCKPT_INTERNAL, "INTERNAL"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        CHECK(strcmp(tfckpt_status_name(all[i].status), all[i].name) == 0);
    }
    CHECK(tfckpt_status_name(-1) == NULL && tfckpt_status_name(50) == NULL);
}

static void check_dtype(int32_t dtype, const char *name, size_t size) {
    int32_t found = -1;
    testing("%s", name);
    CHECK(strcmp(tfckpt_dtype_name(dtype), name) == 0);
    CHECK(tfckpt_dtype_size(dtype) == size);
    OK(tfckpt_dtype_from_name(name, strlen(name), &found, &err));
    CHECK(found == dtype);
}

static void test_dtypes(void) {
#define DTYPE(name, size) check_dtype(TFCKPT_DT_##name, "DT_" #name, size)
    DTYPE(FLOAT, 4);
    DTYPE(DOUBLE, 8);
    DTYPE(INT32, 4);
    DTYPE(UINT8, 1);
    DTYPE(INT16, 2);
    DTYPE(INT8, 1);
    DTYPE(STRING, 0);
    DTYPE(COMPLEX64, 8);
    DTYPE(INT64, 8);
    DTYPE(BOOL, 1);
    DTYPE(QINT8, 1);
    DTYPE(QUINT8, 1);
    DTYPE(QINT32, 4);
    DTYPE(BFLOAT16, 2);
    DTYPE(QINT16, 2);
    DTYPE(QUINT16, 2);
    DTYPE(UINT16, 2);
    DTYPE(COMPLEX128, 16);
    DTYPE(HALF, 2);
    DTYPE(RESOURCE, 0);
    DTYPE(VARIANT, 0);
    DTYPE(UINT32, 4);
    DTYPE(UINT64, 8);
    DTYPE(FLOAT8_E5M2, 1);
    DTYPE(FLOAT8_E4M3FN, 1);
    DTYPE(FLOAT8_E4M3FNUZ, 1);
    DTYPE(FLOAT8_E4M3B11FNUZ, 1);
    DTYPE(FLOAT8_E5M2FNUZ, 1);
    DTYPE(INT4, 1);
    DTYPE(UINT4, 1);
    DTYPE(INT2, 1);
    DTYPE(UINT2, 1);
    DTYPE(FLOAT4_E2M1FN, 1);
#undef DTYPE
    check_dtype(TFCKPT_DT_FLOAT + 100, "DT_FLOAT_REF", 0);
    static const int32_t none[] = {INT32_MIN, -1, 0, 34, 99, 100, 134, INT32_MAX};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CHECK(tfckpt_dtype_name(none[i]) == NULL && tfckpt_dtype_size(none[i]) == 0);
    }
    int32_t found = -1;
    INVALID(tfckpt_dtype_from_name(NAME("float"), &found, &err));
    INVALID(tfckpt_dtype_from_name(NAME("DT_\xff"), &found, &err));
    INVALID(tfckpt_dtype_from_name(NULL, 0, &found, &err));
    INVALID(tfckpt_dtype_from_name(NULL, 8, &found, &err));
    INVALID(tfckpt_dtype_from_name(NAME("DT_FLOAT"), NULL, &err));
    CHECK(found == -1);
}

static void test_errors(void) {
    tfckpt_reader *reader = NULL;
    size_t len = 7;
    testing("errors");
    EXPECT(TFCKPT_NOT_FOUND, tfckpt_reader_open("/there/is/nothing", NULL, &reader, &err));
    CHECK(reader == NULL);
    CHECK(strcmp(tfckpt_error_file(err), "/there/is/nothing.index") == 0);
    CHECK(strstr(tfckpt_error_message(err), "no checkpoint") != NULL);
    CHECK(tfckpt_error_tensor(err, &len) == NULL && len == 0);
    CHECK(tfckpt_error_tensor(err, NULL) == NULL);
    CHECK(tfckpt_error_shard(err) == -1 && tfckpt_error_offset(err) == -1);
    CHECK(tfckpt_error_name_count(err) == 0);
    len = 7;
    CHECK(tfckpt_error_name(err, 0, &len) == NULL && len == 0);
    CHECK(tfckpt_error_name(err, -1, NULL) == NULL);

    /* Nobody needs to take the error. */
    CHECK(tfckpt_reader_open("/there/is/nothing", NULL, &reader, NULL) == TFCKPT_NOT_FOUND);

    EXPECT(TFCKPT_DATA_LOSS,
           tfckpt_reader_open(data("hostile/block_bad_crc/ckpt"), NULL, &reader, &err));
    CHECK(ends_with(tfckpt_error_file(err), "block_bad_crc/ckpt.index"));
    CHECK(tfckpt_error_offset(err) == 0);
}

void test_basics(void) {
    test_version();
    test_status_names();
    test_dtypes();
    test_errors();
}
