"""Amazon's Selling Partner API: operations and auth of a library, on a strict transport of ours."""
