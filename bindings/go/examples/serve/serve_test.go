package main

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// serve answers from a checkpoint that is made for it.
func serve(t *testing.T) *httptest.Server {
	t.Helper()
	w, err := tfckpt.Create(filepath.Join(t.TempDir(), "ckpt"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, err := range []error{
		tfckpt.Add(w, "a/bytes", tfckpt.Shape{3}, []uint8{1, 2, 255}),
		tfckpt.Add(w, "a/matrix", tfckpt.Shape{2, 3}, []float32{1, 2.5, 3, 4, 0.1, 6}),
		tfckpt.Add(w, "complex", nil, []complex64{complex(1, -2)}),
		tfckpt.Add(w, "half", tfckpt.Shape{2}, []tfckpt.Float16{tfckpt.Float16FromFloat32(0.5), 0x7c00}),
		tfckpt.Add(w, "odd", tfckpt.Shape{3}, []float64{math.NaN(), math.Inf(1), math.Inf(-1)}),
		w.AddBytes("quantized", tfckpt.QInt8, nil, []byte{1}),
		tfckpt.Add(w, "step", nil, []int64{1 << 62}),
		tfckpt.Add(w, "too/large", tfckpt.Shape{101}, make([]int8, 101)),
		w.AddStrings("words", tfckpt.Shape{2}, []string{"one", "zwö"}),
		w.Finish(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	reader, err := tfckpt.Open(w.Prefix())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(newHandler(reader, 100))
	t.Cleanup(func() { server.Close(); reader.Close() })
	return server
}

func get(t *testing.T, server *httptest.Server, path string) (int, string) {
	t.Helper()
	answer, err := http.Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.Header.Get("Content-Type") != "application/json" || !json.Valid(body) {
		t.Errorf("%s: %q, %v", path, body, err)
	}
	return answer.StatusCode, strings.TrimSpace(string(body))
}

func TestTensors(t *testing.T) {
	server := serve(t)
	for path, wanted := range map[string]string{
		"/tensors?prefix=a/":                `[{"name":"a/bytes","dtype":"DT_UINT8","shape":[3]},{"name":"a/matrix","dtype":"DT_FLOAT","shape":[2,3]}]`,
		"/tensors?prefix=none":              `[]`,
		"/tensor?name=a/matrix":             `{"name":"a/matrix","dtype":"DT_FLOAT","shape":[2,3],"values":[1,2.5,3,4,0.1,6]}`,
		"/tensor?name=a/matrix&slice=1,1:-": `{"name":"a/matrix","dtype":"DT_FLOAT","shape":[2,3],"slice":"1,1:-","values":[4,0.1,6]}`,
		"/tensor?name=a/bytes":              `{"name":"a/bytes","dtype":"DT_UINT8","shape":[3],"values":[1,2,255]}`,
		"/tensor?name=half":                 `{"name":"half","dtype":"DT_HALF","shape":[2],"values":[0.5,"+Inf"]}`,
		"/tensor?name=odd":                  `{"name":"odd","dtype":"DT_DOUBLE","shape":[3],"values":["NaN","+Inf","-Inf"]}`,
		"/tensor?name=complex":              `{"name":"complex","dtype":"DT_COMPLEX64","shape":[],"values":["(1-2i)"]}`,
		"/tensor?name=step":                 `{"name":"step","dtype":"DT_INT64","shape":[],"values":[4611686018427387904]}`,
		"/tensor?name=words":                `{"name":"words","dtype":"DT_STRING","shape":[2],"values":["one","zwö"]}`,
		"/tensor?name=too/large&slice=0,2":  `{"name":"too/large","dtype":"DT_INT8","shape":[101],"slice":"0,2","values":[0,0]}`,
	} {
		if status, body := get(t, server, path); status != http.StatusOK || body != wanted {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

func TestErrors(t *testing.T) {
	server := serve(t)
	for path, wanted := range map[string]int{
		"/tensor?name=none":                              http.StatusNotFound,
		"/tensor":                                        http.StatusNotFound,
		"/tensor?name=a/matrix&slice=zero":               http.StatusBadRequest,
		"/tensor?name=a/matrix&slice=0,3:-":              http.StatusBadRequest,
		"/tensor?name=quantized":                         http.StatusNotImplemented,
		"/tensor?name=too/large":                         http.StatusRequestEntityTooLarge,
		"/tensor?name=" + url.QueryEscape("\xff\x00 no"): http.StatusNotFound,
	} {
		status, body := get(t, server, path)
		if status != wanted || !strings.Contains(body, `"error":"`) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}
