package tfckpt_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// Whatever is done to the files of a checkpoint, opening, listing and reading it gives values
// or errors, and takes no memory that the files have no bytes for.
func FuzzMutated(f *testing.F) {
	for _, seed := range []string{
		"good_v2/ckpt", "good_v2_blocks/ckpt", "data_flipped_bit/ckpt", "entry_dtype_unknown/ckpt",
		"entry_shape_absurd_but_consistent/ckpt", "entry_size_long/ckpt",
	} {
		index, err := os.ReadFile(data("hostile", seed+".index"))
		must(f, err)
		values, err := os.ReadFile(data("hostile", seed+".data-00000-of-00001"))
		must(f, err)
		// As it is, and with a byte changed here and there.
		f.Add(index, values, uint32(0), byte(0))
		for at := 0; at < len(index); at += 7 {
			f.Add(index, values, uint32(at), byte(1<<(at%8)))
		}
	}
	f.Fuzz(func(t *testing.T, index, values []byte, at uint32, change byte) {
		if len(index) > 1<<20 || len(values) > 1<<20 {
			t.Skip("larger than a test needs")
		}
		prefix := filepath.Join(t.TempDir(), "ckpt")
		must(t, os.WriteFile(prefix+".index", changed(index, at, change), 0o600))
		must(t, os.WriteFile(prefix+".data-00000-of-00001", changed(values, at, change), 0o600))
		exhaust(t, prefix)
	})
}

// changed is a copy with a byte changed, which may be none.
func changed(content []byte, at uint32, change byte) []byte {
	content = append([]byte(nil), content...)
	if len(content) > 0 {
		content[int(at)%len(content)] ^= change
	}
	return content
}

// exhaust does all that can be done with what can be read.
func exhaust(t *testing.T, prefix string) {
	r, err := tfckpt.Open(prefix, tfckpt.WithMaxBlock(1<<24))
	if err != nil {
		expectOurs(t, err)
		return
	}
	defer r.Close()
	var requests []tfckpt.Request
	for tensor, err := range r.List("") {
		if err != nil {
			expectOurs(t, err)
			continue
		}
		requests = append(requests, tfckpt.Request{Name: tensor.Name})
		readAll(t, r, tensor)
	}
	expectOurs(t, r.ReadMany(t.Context(), requests))
	_, err = r.Verify(t.Context())
	expectOurs(t, err)
}

// readAll reads a tensor in all ways. What is read with success is what it should be.
func readAll(t *testing.T, r *tfckpt.Reader, tensor tfckpt.Tensor) {
	content, err := r.Read(tensor.Name, nil)
	expectOurs(t, err)
	if err == nil && int64(len(content)) != tensor.ByteSize() {
		t.Errorf("%q: %d bytes of %d", tensor.Name, len(content), tensor.ByteSize())
	}
	_, checked := r.Section(tensor.Name)
	expectOurs(t, checked)
	words, err := r.ReadStrings(tensor.Name)
	expectOurs(t, err)
	if err == nil && int64(len(words)) != tensor.NumElements() {
		t.Errorf("%q: %d strings", tensor.Name, len(words))
	}
	_, err = tfckpt.Values[float32](r, tensor.Name)
	expectOurs(t, err)
	expectOurs(t, r.View(tensor.Name, func([]byte) error { return nil }))
}

// expectOurs sees that an error, if it is one, is as all are, and no defect of the library.
func expectOurs(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var e *tfckpt.Error
	if !errors.As(err, &e) || e.Code == tfckpt.ErrInternal || e.Message == "" {
		t.Errorf("%#v", err)
	}
}
