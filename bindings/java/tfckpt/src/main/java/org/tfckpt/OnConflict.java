package org.tfckpt;

/** What happens where two sources of a merge have a tensor of the same name, or the same elements of one. */
public enum OnConflict {
    /** The merge fails, and the exception lists all such names. */
    ERROR,
    /** The tensor of the source that was named first is taken. */
    FIRST,
    /** The tensor of the source that was named last is taken. */
    LAST
}
