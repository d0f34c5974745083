package tfckpt_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// Every checkpoint that TensorFlow wrote reads as TensorFlow reads it.
func TestGolden(t *testing.T) {
	checkpoints := golden(t)
	if len(checkpoints) < 50 {
		t.Fatalf("the manifest has %d checkpoints", len(checkpoints))
	}
	for _, checkpoint := range checkpoints {
		t.Run(checkpoint.prefix, func(t *testing.T) {
			t.Parallel()
			r := open(t, data("golden", checkpoint.prefix))
			expectFacts(t, r, checkpoint)
			again := newRewrite(t)
			for _, row := range checkpoint.tensors {
				expectContent(t, r, row, again)
			}
			again.expectSame()
			expectAllAtOnce(t, r, checkpoint)
			expectReport(t, r, checkpoint)
		})
	}
}

func open(t testing.TB, path string, opts ...tfckpt.Option) *tfckpt.Reader {
	t.Helper()
	r, err := tfckpt.Open(path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func expectFacts(t *testing.T, r *tfckpt.Reader, checkpoint goldenCheckpoint) {
	if prefix := data("golden", checkpoint.prefix); r.Prefix() != prefix {
		t.Errorf("the prefix is %q and not %q", r.Prefix(), prefix)
	}
	if (r.Format() == tfckpt.V1) != checkpoint.v1 || r.NumShards() != checkpoint.shards ||
		r.BigEndian() != checkpoint.bigEndian {
		t.Errorf("it is %v, %d shards, big-endian %v", r.Format(), r.NumShards(), r.BigEndian())
	}
	if count, err := r.Len(); err != nil || count != len(checkpoint.tensors) {
		t.Errorf("Len: %d, %v", count, err)
	}
	i := 0
	for name, tensor := range r.All() {
		if i >= len(checkpoint.tensors) {
			t.Fatalf("%q is one too many", name)
		}
		row := checkpoint.tensors[i]
		expectTensor(t, tensor, row)
		found, err := r.Lookup(row.name)
		if err != nil {
			t.Fatal(err)
		}
		expectTensor(t, found, row)
		i++
	}
	if i != len(checkpoint.tensors) {
		t.Errorf("there are %d tensors and not %d", i, len(checkpoint.tensors))
	}
}

func expectTensor(t *testing.T, tensor tfckpt.Tensor, row goldenTensor) {
	t.Helper()
	if tensor.Err() != nil {
		t.Fatal(tensor.Err())
	}
	if tensor.Name != row.name || tensor.DType != row.dtype || !slices.Equal(tensor.Shape, row.shape) {
		t.Errorf("%q is a %v %v, not %q, a %v %v", tensor.Name, tensor.DType, tensor.Shape,
			row.name, row.dtype, row.shape)
	}
	if !slices.EqualFunc(tensor.Slices, row.parts(), tfckpt.Slice.Equal) {
		t.Errorf("%q: slices %v", row.name, tensor.Slices)
	}
	if row.crc32c < 0 { // in slices, or V1
		return
	}
	if int64(tensor.Shard) != row.shard || tensor.Offset != row.offset ||
		tensor.StoredSize != row.size || int64(tensor.CRC32C) != row.crc32c {
		t.Errorf("%q is in the wrong place: %+v", row.name, tensor)
	}
}

func expectContent(t *testing.T, r *tfckpt.Reader, row goldenTensor, again *rewrite) {
	switch {
	case row.sha256 == "":
		expectGap(t, r, row)
	case row.hasStrings():
		expectStrings(t, r, row)
	default:
		expectBytes(t, r, row)
		expectTyped(t, r, row, again)
	}
	for _, slice := range row.slices {
		if sum := contentOf(t, r, row, slice.slice); sum != slice.sha256 {
			t.Errorf("%q: slice %v has other bytes", row.name, slice.slice)
		}
	}
}

// contentOf reads a slice, or all, and digests it.
func contentOf(t *testing.T, r *tfckpt.Reader, row goldenTensor, slice tfckpt.Slice) string {
	t.Helper()
	if row.hasStrings() {
		elements, err := r.ReadStringsSlice(row.name, slice)
		if err != nil {
			t.Errorf("%q: %v", row.name, err)
		}
		return digestStrings(elements)
	}
	content, err := r.ReadSlice(row.name, slice, nil)
	if err != nil {
		t.Errorf("%q: %v", row.name, err)
	}
	return digest(content)
}

func expectStrings(t *testing.T, r *tfckpt.Reader, row goldenTensor) {
	if contentOf(t, r, row, tfckpt.Slice{}) != row.sha256 {
		t.Errorf("%q has other strings", row.name)
	}
	together, err := r.ReadStringData(row.name)
	if err != nil || digestStrings(together.Strings()) != row.sha256 {
		t.Errorf("%q has other offsets and bytes: %v", row.name, err)
	}
	_, err = r.Read(row.name, nil)
	expectIs(t, err, tfckpt.ErrInvalidArgument)
	_, err = r.Section(row.name)
	expectIs(t, err, tfckpt.ErrInvalidArgument)
}

// expectBytes holds all ways to the bytes against one another.
func expectBytes(t *testing.T, r *tfckpt.Reader, row goldenTensor) {
	content, err := r.Read(row.name, nil)
	if err != nil || digest(content) != row.sha256 {
		t.Errorf("%q has other bytes: %v", row.name, err)
	}
	roomy := make([]byte, len(content)+5)
	if front, err := r.Read(row.name, roomy); err != nil || !bytes.Equal(front, content) {
		t.Errorf("%q: into more memory: %v", row.name, err)
	}
	section, err := r.Section(row.name)
	if err != nil {
		t.Fatal(err)
	}
	var written bytes.Buffer
	if _, err := section.WriteTo(&written); err != nil || !bytes.Equal(written.Bytes(), content) {
		t.Errorf("%q: WriteTo: %v", row.name, err)
	}
	if got, err := io.ReadAll(section.NewReader()); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%q: ReadAt: %v", row.name, err)
	}
	err = r.View(row.name, func(view []byte) error {
		if !bytes.Equal(view, content) {
			t.Errorf("%q: the view is different", row.name)
		}
		return nil
	})
	if err != nil {
		expectIs(t, err, tfckpt.ErrUnsupported)
		if !r.BigEndian() && len(row.slices) == 0 && r.Format() == tfckpt.V2 {
			t.Errorf("%q: %v", row.name, err)
		}
	}
}

func expectGap(t *testing.T, r *tfckpt.Reader, row goldenTensor) {
	if row.hasStrings() {
		_, err := r.ReadStrings(row.name)
		expectIs(t, err, tfckpt.ErrDataLoss)
		return
	}
	_, err := r.Read(row.name, nil)
	expectIs(t, err, tfckpt.ErrDataLoss)
	expectIs(t, r.Check(row.name), tfckpt.ErrDataLoss)
}

// expectTyped reads the tensor as the Go type that is right, if there is one, and as another.
func expectTyped(t *testing.T, r *tfckpt.Reader, row goldenTensor, again *rewrite) {
	switch row.dtype {
	case tfckpt.Bool:
		expectValues[bool, int8](t, r, row, again)
	case tfckpt.Int8:
		expectValues[int8, uint8](t, r, row, again)
	case tfckpt.Int16:
		expectValues[int16, uint16](t, r, row, again)
	case tfckpt.Int32:
		expectValues[int32, float32](t, r, row, again)
	case tfckpt.Int64:
		expectValues[int64, float64](t, r, row, again)
		expectValues[int, uint](t, r, row, again)
	case tfckpt.UInt8:
		expectValues[uint8, bool](t, r, row, again)
	case tfckpt.UInt16:
		expectValues[uint16, tfckpt.Float16](t, r, row, again)
	case tfckpt.UInt32:
		expectValues[uint32, int32](t, r, row, again)
	case tfckpt.UInt64:
		expectValues[uint64, int64](t, r, row, again)
		expectValues[uint, int](t, r, row, again)
	case tfckpt.Half:
		expectValues[tfckpt.Float16, tfckpt.BFloat16](t, r, row, again)
	case tfckpt.BFloat16Type:
		expectValues[tfckpt.BFloat16, uint16](t, r, row, again)
	case tfckpt.Float:
		expectValues[float32, int32](t, r, row, again)
	case tfckpt.Double:
		expectValues[float64, complex64](t, r, row, again)
	case tfckpt.Complex64:
		expectValues[complex64, float64](t, r, row, again)
	case tfckpt.Complex128:
		expectValues[complex128, complex64](t, r, row, again)
	default:
		_, err := tfckpt.Values[uint8](r, row.name)
		expectIs(t, err, tfckpt.ErrInvalidArgument)
	}
}

func expectValues[T, Other tfckpt.Element](t *testing.T, r *tfckpt.Reader, row goldenTensor, again *rewrite) {
	t.Helper()
	values, err := tfckpt.Values[T](r, row.name)
	if err != nil || int64(len(values)) != row.shape.NumElements() {
		t.Errorf("%q: %d values, %v", row.name, len(values), err)
	}
	name := fmt.Sprintf("%s as %T", row.name, values)
	must(t, tfckpt.Add(again.w, name, row.shape, values))
	again.sums[name] = row.sha256
	_, err = tfckpt.Values[Other](r, row.name)
	expectIs(t, err, tfckpt.ErrInvalidArgument)
}

// A rewrite is the values of a checkpoint, as they were read, in another one.
type rewrite struct {
	t    *testing.T
	w    *tfckpt.Writer
	sums map[string]string
}

func newRewrite(t *testing.T) *rewrite {
	w, err := tfckpt.Create(filepath.Join(t.TempDir(), "again"), tfckpt.WithSync(false))
	must(t, err)
	t.Cleanup(func() { w.Abort() })
	return &rewrite{t, w, map[string]string{}}
}

// expectSame sees that the values are what TensorFlow had.
func (again *rewrite) expectSame() {
	must(again.t, again.w.Finish())
	r := open(again.t, again.w.Prefix())
	for name, sum := range again.sums {
		content, err := r.Read(name, nil)
		if err != nil || digest(content) != sum {
			again.t.Errorf("%q: other values, %v", name, err)
		}
	}
}

func expectAllAtOnce(t *testing.T, r *tfckpt.Reader, checkpoint goldenCheckpoint) {
	var requests []tfckpt.Request
	var sums []string
	for i, row := range slices.Backward(checkpoint.tensors) {
		if row.hasStrings() || row.sha256 == "" {
			continue
		}
		request := tfckpt.Request{Name: row.name}
		if i%2 == 0 {
			request.Dst = make([]byte, row.shape.NumElements()*int64(row.dtype.Size()))
		}
		requests, sums = append(requests, request), append(sums, row.sha256)
	}
	if err := r.ReadMany(t.Context(), requests, tfckpt.WithThreads(2)); err != nil {
		t.Fatal(err)
	}
	for i, request := range requests {
		if digest(request.Dst) != sums[i] {
			t.Errorf("%q has other bytes among many", request.Name)
		}
	}
}

func expectReport(t *testing.T, r *tfckpt.Reader, checkpoint goldenCheckpoint) {
	report, err := r.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gaps := 0
	for _, row := range checkpoint.tensors {
		if row.sha256 == "" {
			gaps++
		}
	}
	if report.OK() != (gaps == 0) || len(report.Problems) != gaps || int(report.Tensors) != len(checkpoint.tensors) {
		t.Errorf("the report: %+v", report)
	}
}

func expectIs(t *testing.T, err error, wanted tfckpt.Code) {
	t.Helper()
	if !errors.Is(err, wanted) {
		t.Errorf("the error is %v, and not of %v", err, wanted)
	}
	if err != nil && !strings.HasPrefix(err.Error(), "tfckpt: ") {
		t.Errorf("the message is %q", err)
	}
}
