"""Operations from their order to their answer, while their caller waits or does something else."""
