package tfckpt_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// The manifests of tests/data, which its README describes.

// data is a path below tests/data.
func data(path ...string) string {
	root := os.Getenv("TFCKPT_TEST_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "tests", "data")
	}
	return filepath.Join(append([]string{root}, path...)...)
}

// allows tells whether a word is among those that a column allows.
func allows(column, word string) bool {
	return slices.Contains(strings.Split(column, "|"), word)
}

type goldenSlice struct {
	slice  tfckpt.Slice
	sha256 string
}

type goldenTensor struct {
	name                        string
	dtype                       tfckpt.DType
	shape                       tfckpt.Shape
	sha256                      string // empty where the slices don't make up the tensor
	shard, offset, size, crc32c int64  // -1 for none
	slices                      []goldenSlice
}

type goldenCheckpoint struct {
	prefix    string
	v1        bool
	bigEndian bool
	shards    int
	tensors   []goldenTensor
}

func (t goldenTensor) hasStrings() bool {
	return t.dtype == tfckpt.String || t.dtype == tfckpt.Variant
}

// parts are the slices in which the tensor is stored. The manifest has one of a V1 tensor that
// is stored whole, too.
func (t goldenTensor) parts() []tfckpt.Slice {
	var parts []tfckpt.Slice
	for _, slice := range t.slices {
		parts = append(parts, slice.slice)
	}
	if len(parts) == 1 && strings.Trim(parts[0].String(), "-:") == "" {
		return nil
	}
	return parts
}

func golden(t testing.TB) []goldenCheckpoint {
	var all []goldenCheckpoint
	for _, row := range rows(t, "golden") {
		switch row[0] {
		case "checkpoint":
			all = append(all, goldenCheckpoint{
				prefix: row[1], v1: row[2] == "V1", shards: int(number(t, row[3])), bigEndian: row[4] == "BIG",
			})
		case "tensor":
			last := &all[len(all)-1]
			last.tensors = append(last.tensors, goldenTensor{
				name: unescape(t, row[1]), dtype: tfckpt.DType(number(t, row[2])), shape: shape(t, row[3]),
				sha256: strings.Trim(row[5], "-"), shard: number(t, row[6]), offset: number(t, row[7]),
				size: number(t, row[8]), crc32c: number(t, row[9]),
			})
		case "slice":
			tensors := all[len(all)-1].tensors
			last := &tensors[len(tensors)-1]
			last.slices = append(last.slices, goldenSlice{sliceOf(t, row[1], len(last.shape)), row[5]})
		}
	}
	return all
}

type hostileTensor struct{ name, info, read, sha256 string }

type hostileCase struct {
	name, kind, prefix, open, list, verify, files string
	tensors                                       []hostileTensor
}

func hostile(t testing.TB) []hostileCase {
	var all []hostileCase
	for _, row := range rows(t, "hostile") {
		if row[0] == "case" {
			all = append(all, hostileCase{row[1], row[2], row[3], row[4], row[5], row[6], row[7], nil})
			continue
		}
		last := &all[len(all)-1]
		last.tensors = append(last.tensors, hostileTensor{unescape(t, row[1]), row[2], row[3], row[4]})
	}
	return all
}

func rows(t testing.TB, folder string) [][]string {
	text, err := os.ReadFile(data(folder, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for line := range strings.Lines(string(text)) {
		all = append(all, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return all
}

// unescape undoes the escapes of a name.
func unescape(t testing.TB, text string) string {
	var name []byte
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			name = append(name, text[i])
			continue
		}
		raw, err := hex.DecodeString(text[i+2 : i+4])
		if err != nil {
			t.Fatal(err)
		}
		name = append(name, raw...)
		i += 3
	}
	return string(name)
}

func number(t testing.TB, column string) int64 {
	if column == "-" {
		return -1
	}
	n, err := strconv.ParseInt(column, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// shape parses "[2,3]".
func shape(t testing.TB, column string) tfckpt.Shape {
	var dims tfckpt.Shape
	for _, dim := range strings.FieldsFunc(column, func(r rune) bool { return strings.ContainsRune("[],", r) }) {
		dims = append(dims, number(t, dim))
	}
	return dims
}

// sliceOf parses "0,3:-"; the one of a V1 scalar is written "-" too.
func sliceOf(t testing.TB, column string, rank int) tfckpt.Slice {
	slice, err := tfckpt.ParseSlice(column)
	if err != nil {
		t.Fatal(err)
	}
	if rank == 0 {
		return tfckpt.Slice{}
	}
	return slice
}

// digest is the SHA-256 of a tensor's content, as tests/data/README.md defines it.
func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func digestStrings(elements []string) string {
	var content []byte
	for _, element := range elements {
		content = binary.LittleEndian.AppendUint64(content, uint64(len(element)))
		content = append(content, element...)
	}
	return digest(content)
}
