"""The question of another Lambda: where is this card?"""
