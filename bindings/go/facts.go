package tfckpt

// #include "shim.h"
import "C"

import (
	"slices"
	"unsafe"
)

// facts are the arrays of a batch of tensors, borrowed from C.
type facts struct {
	count                     int
	names                     []byte
	nameOffsets               []int64
	dtypes, shards            []int32
	dims, dimOffsets          []int64
	offsets, storedSizes      []int64
	crc32cs                   []uint32
	sliceCounts               []int64
	sliceStarts, sliceLengths []int64
}

func newFacts(c *C.shim_facts) facts {
	count := int(c.count)
	f := facts{
		count:       count,
		nameOffsets: goInt64s(c.name_offsets, count+1),
		dtypes:      unsafe.Slice((*int32)(unsafe.Pointer(c.dtypes)), count),
		shards:      unsafe.Slice((*int32)(unsafe.Pointer(c.shards)), count),
		dimOffsets:  goInt64s(c.dim_offsets, count+1),
		offsets:     goInt64s(c.offsets, count),
		storedSizes: goInt64s(c.stored_sizes, count),
		crc32cs:     unsafe.Slice((*uint32)(unsafe.Pointer(c.crc32cs)), count),
		sliceCounts: goInt64s(c.slice_counts, count),
	}
	f.names = unsafe.Slice((*byte)(unsafe.Pointer(c.names)), int(f.nameOffsets[count]))
	f.dims = goInt64s(c.dims, int(f.dimOffsets[count]))
	numbers := 0
	for i, slices := range f.sliceCounts {
		numbers += int(slices) * f.rank(i)
	}
	f.sliceStarts = goInt64s(c.slice_starts, numbers)
	f.sliceLengths = goInt64s(c.slice_lengths, numbers)
	return f
}

func (f *facts) rank(i int) int { return int(f.dimOffsets[i+1] - f.dimOffsets[i]) }

// chunk is how many tensors share the memory of their names, and of their shapes: few, so
// that keeping one keeps little more.
const chunk = 256

// tensors copies a chunk, from first on, which is dropped from the slices that are left.
func (f *facts) tensors(first int, into []Tensor) []Tensor {
	last := min(first+chunk, f.count)
	nameBase, dimBase := f.nameOffsets[first], f.dimOffsets[first]
	names := string(f.names[nameBase:f.nameOffsets[last]])
	dims := slices.Clone(f.dims[dimBase:f.dimOffsets[last]])
	into = into[:0]
	for i := first; i < last; i++ {
		into = append(into, Tensor{
			Name:       names[f.nameOffsets[i]-nameBase : f.nameOffsets[i+1]-nameBase],
			DType:      DType(f.dtypes[i]),
			Shape:      Shape(dims[f.dimOffsets[i]-dimBase : f.dimOffsets[i+1]-dimBase : f.dimOffsets[i+1]-dimBase]),
			Shard:      int(f.shards[i]),
			Offset:     f.offsets[i],
			StoredSize: f.storedSizes[i],
			CRC32C:     f.crc32cs[i],
			Slices:     f.takeSlices(int(f.sliceCounts[i]), f.rank(i)),
		})
	}
	return into
}

// takeSlices copies the next slices.
func (f *facts) takeSlices(count, rank int) []Slice {
	if count == 0 {
		return nil
	}
	all := make([]Slice, count)
	for i := range all {
		all[i] = Slice{Starts: slices.Clone(f.sliceStarts[:rank]), Lengths: slices.Clone(f.sliceLengths[:rank])}
		f.sliceStarts, f.sliceLengths = f.sliceStarts[rank:], f.sliceLengths[rank:]
	}
	return all
}

// tensorOf copies a single tensor of C.
func tensorOf(c *C.tfckpt_tensor) Tensor {
	var length C.size_t
	name := C.tfckpt_tensor_name(c, &length)
	rank := int(C.tfckpt_tensor_rank(c))
	t := Tensor{
		Name:       goString(name, length),
		DType:      DType(C.tfckpt_tensor_dtype(c)),
		Shape:      slices.Clone(Shape(goInt64s(C.tfckpt_tensor_dims(c), rank))),
		Shard:      int(C.tfckpt_tensor_shard(c)),
		Offset:     int64(C.tfckpt_tensor_offset(c)),
		StoredSize: int64(C.tfckpt_tensor_stored_size(c)),
		CRC32C:     uint32(C.tfckpt_tensor_crc32c(c)),
	}
	for i := range C.tfckpt_tensor_slice_count(c) {
		t.Slices = append(t.Slices, Slice{
			Starts:  slices.Clone(goInt64s(C.tfckpt_tensor_slice_starts(c, i), rank)),
			Lengths: slices.Clone(goInt64s(C.tfckpt_tensor_slice_lengths(c, i), rank)),
		})
	}
	return t
}
